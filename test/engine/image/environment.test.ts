/** The container's environment: where it comes from, who gets it, and how it is dumped. */
import { box, oneShot } from './box'
import { derive } from './images'
import { sentence, sentences } from './sentence'

/** Every character that has ever broken something, and every control character. */
const controls = Array.from({ length: 31 }, (_, at) => String.fromCharCode(at + 1)).join('')
const nasty: Record<string, string> = {
  EMPTY: '',
  SPACES: '  a  b  ',
  NEWLINES: '\none\n\ntwo\n\n',
  ONE_NEWLINE: '\n',
  QUOTES: `it's "so" \`said\` \\' \\`,
  COMMAND: '$(touch /tmp/broken) `touch /tmp/broken` ${HOME} $HOME; touch /tmp/broken #',
  END: "'; touch /tmp/broken; '",
  UNICODE: 'Zoë – 東京 – 🐳 – \u202e',
  CONTROLS: `a${controls}\x7fz`,
  EQUALS: 'a=b=c',
  LONG: 'x'.repeat(100_000),
}
const asEnv = (values: Record<string, string>) => Object.entries(values).map(([name, value]) => `${name}=${value}`)

/** A service that writes its environment, zero-terminated, to a file. */
const showsEnvironment = '#!/bin/sh\nenv -0 >/service.part\nmv /service.part /service\nexec sleep 1000\n'
const base64 = (file: string) => `until [ -e ${file} ]; do sleep 0.05; done; base64 -w0 ${file}`

function parse(text: string): Record<string, string> {
  const pairs = Buffer.from(text, 'base64').toString().split('\0').filter(Boolean)
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))
}

describe('variables reach', () => {
  sentences(
    ['a start-up script', 'a service', 'the command', 'a login shell'],
    (who) => `${who}, from docker run, ENV and files`,
    async (who) => {
      const show = '#!/bin/sh\necho "[$FROM_RUN|$FROM_ENV|$FROM_FILE]"\n'
      const image = await derive('test/image-env', [
        'ENV FROM_ENV=2',
        'RUN echo 3 >/etc/container_environment/FROM_FILE',
      ])
      const { said, sh } = await box({
        image,
        env: ['FROM_RUN=1'],
        args: who === 'the command' ? ['--', 'sh', '-c', 'echo "[$FROM_RUN|$FROM_ENV|$FROM_FILE]"'] : [],
        files: {
          '/usr/bin/show': show,
          ...(who === 'a start-up script' && { '/etc/my_init.d/50_show': show }),
          ...(who === 'a service' && { '/etc/service/show/run': `${show}exec sleep 1000\n` }),
          '/etc/rc.local': '#!/bin/sh\necho up\n',
        },
      })
      await said(/^up/m)
      if (who === 'a login shell') expect(await sh('env -i bash -lc /usr/bin/show')).toBe('[1|2|3]\n')
      else await said(/^\[1\|2\|3\]$/m)
    },
  )

  sentence('a service, whatever their values hold', async () => {
    const { sh } = await box({ env: asEnv(nasty), files: { '/etc/service/show/run': showsEnvironment } })
    expect(parse(await sh(base64('/service')))).toMatchObject(nasty)
  })

  sentence('the command with names that no shell can hold', async () => {
    const { stdout } = await oneShot({
      env: ['discovery.type=single-node', 'a-b=c', '1=2'],
      args: ['--skip-runit', '--', 'env'],
    })
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['discovery.type=single-node', 'a-b=c', '1=2']))
  })
})

describe('a file in /etc/container_environment', () => {
  sentence('is a variable of its name; one newline at its end is dropped', async () => {
    const { sh } = await box({
      files: {
        '/etc/container_environment/PLAIN': 'plain',
        '/etc/container_environment/LINE': 'line\n',
        '/etc/container_environment/TWO': 'two\n\n',
        '/etc/container_environment/INNER': 'a\nb\n',
        '/etc/container_environment/NOTHING': '',
        '/etc/container_environment/OPTIND': 'no number',
        '/etc/service/show/run': showsEnvironment,
      },
    })
    expect(parse(await sh(base64('/service')))).toMatchObject({
      PLAIN: 'plain',
      LINE: 'line',
      TWO: 'two\n',
      INNER: 'a\nb',
      NOTHING: '',
    })
  })

  sentence('gives way to docker run --env', async () => {
    const { stdout } = await oneShot({
      env: ['WHO=docker'],
      files: { '/etc/container_environment/WHO': 'file\n' },
      args: ['--skip-runit', '--', 'sh', '-c', 'echo "$WHO"; cat /etc/container_environment/WHO'],
    })
    expect(stdout.trimEnd()).toBe('docker\ndocker')
  })

  sentence('is read again after every start-up script', async () => {
    const { stdout } = await oneShot({
      env: ['GOES=away'],
      files: {
        '/etc/my_init.d/10_change': '#!/bin/sh\ncd /etc/container_environment\nprintf changed >NEW\nrm -f GOES\n',
        '/etc/my_init.d/20_show': '#!/bin/sh\necho "script: [$NEW|$GOES]"\n',
        '/etc/rc.local': '#!/bin/sh\nprintf again >/etc/container_environment/NEW\n',
      },
      args: [
        '--skip-runit',
        '--',
        'sh',
        '-c',
        'echo "command: [$NEW|$GOES]"; . /etc/container_environment.sh; echo "dump: [$NEW]"',
      ],
    })
    expect(stdout).toBe('script: [changed|]\ncommand: [again|]\ndump: [again]\n')
  })
})

describe('the dumps', () => {
  sentence('/etc/container_environment holds every value as it is', async () => {
    const { sh, said } = await box({ env: asEnv(nasty), files: { '/etc/rc.local': '#!/bin/sh\necho up\n' } })
    await said(/^up/m)
    for (const name of ['QUOTES', 'UNICODE', 'CONTROLS', 'EMPTY']) {
      const value = await sh(`base64 -w0 /etc/container_environment/${name}`)
      expect([name, Buffer.from(value, 'base64').toString()]).toEqual([name, nasty[name]])
    }
  })

  sentences(
    ['bash', 'dash'],
    (shell) => `.sh is safe to source by ${shell}, whatever the values hold`,
    async (shell) => {
      // Names that a shell keeps for itself must not stop it either.
      const traps = {
        UID: '5',
        PPID: '7',
        EUID: '5',
        BASHOPTS: 'x',
        IFS: 'e',
        'a.b': 'dot',
        '9lives': 'cat',
      }
      const { sh } = await box({
        env: asEnv({ ...nasty, ...traps }),
        files: { '/etc/service/show/run': showsEnvironment },
      })
      await sh(base64('/service'))
      const script = 'set -e; . /etc/container_environment.sh; env -0 | base64 -w0; test ! -e /tmp/broken'
      expect(parse(await sh(`env -i ${shell} -c '${script}'`))).toMatchObject({ ...nasty, a_b: 'dot' })
    },
  )

  sentence('.json is one object with the same', async () => {
    const { sh } = await box({ env: asEnv(nasty), files: { '/etc/service/show/run': showsEnvironment } })
    await sh(base64('/service'))
    expect(JSON.parse(await sh('cat /etc/container_environment.json'))).toMatchObject(nasty)
  })

  sentence('bytes that are not UTF-8 leave .json valid, and are exact elsewhere', async () => {
    const bytes = Buffer.from(Array.from({ length: 255 }, (_, at) => at + 1))
    const { sh } = await box({
      files: {
        '/etc/container_environment/BYTES': bytes,
        '/etc/container_environment/CUT': Buffer.from('abc€').subarray(0, 5),
        '/etc/container_environment/AFTER': Buffer.concat([Buffer.from([0xe2, 0x82]), Buffer.from('é')]),
        '/etc/container_environment/LONE': Buffer.from([0xed, 0xa0, 0x80, 0xc0, 0xaf, 0xf5]),
        '/etc/service/show/run': showsEnvironment,
      },
    })
    const all = Buffer.from(await sh(base64('/service')), 'base64')
    expect(all.includes(Buffer.concat([Buffer.from('BYTES='), bytes]))).toBe(true)
    const raw = Buffer.from(await sh('base64 -w0 /etc/container_environment.json'), 'base64')
    const values = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw))
    expect(values).toMatchObject({ CUT: 'abc\ufffd\ufffd', AFTER: '\ufffd\ufffdé', LONE: '\ufffd'.repeat(6) })
    const sourced = await sh('env -i sh -c ". /etc/container_environment.sh; printf %s \\"\\$BYTES\\"" | base64 -w0')
    expect(Buffer.from(sourced, 'base64')).toEqual(bytes)
  })

  sentence('hold nothing that belongs to a user: HOME, USER, SHELL', async () => {
    const { sh } = await box({
      env: ['USER=x', 'SHELL=y', 'SEEN=z'],
      files: { '/etc/service/show/run': showsEnvironment },
    })
    await sh(base64('/service'))
    const names = await sh('ls /etc/container_environment; cut -d= -f1 /etc/container_environment.sh')
    expect(names).toMatch(/SEEN/)
    expect(names).not.toMatch(/\b(HOME|USER|SHELL)\b/)
    const values = JSON.parse(await sh('cat /etc/container_environment.json')) as Record<string, string>
    expect(Object.keys(values)).not.toEqual(expect.arrayContaining(['USER']))
  })

  sentence("are root's, 0700 and 0640, for the group docker_env", async () => {
    const { sh } = await box({ files: { '/etc/service/show/run': showsEnvironment } })
    await sh(base64('/service'))
    const stat = await sh(
      'stat -L -c "%a %U %G" /etc/container_environment /etc/container_environment.sh /etc/container_environment.json',
    )
    expect(stat.trim().split('\n')).toEqual(['700 root root', '640 root docker_env', '640 root docker_env'])
  })

  sentence('keep modes that were set in a Dockerfile', async () => {
    const image = await derive('test/image-modes', [
      'RUN chmod 755 /etc/container_environment',
      'RUN chmod 644 /etc/container_environment.sh /etc/container_environment.json',
    ])
    const { sh } = await box({ image, files: { '/etc/service/show/run': showsEnvironment } })
    await sh(base64('/service'))
    const modes = await sh(
      'stat -L -c %a /etc/container_environment /etc/container_environment.sh /etc/container_environment.json',
    )
    expect(modes.trim().split('\n')).toEqual(['755', '644', '644'])
  })

  sentence('are there for the login shells of docker_env, and silently not for others', async () => {
    const { inside, sh } = await box({
      env: ['SECRET=s'],
      files: {
        '/etc/my_init.d/50_users': '#!/bin/sh\nuseradd -m -G docker_env member\nuseradd -m other\n',
        '/etc/service/show/run': showsEnvironment,
      },
    })
    await sh(base64('/service'))
    const ask = ['env', '-i', 'bash', '-lc', 'echo "[$SECRET]"']
    expect(await inside(ask, 'member')).toEqual({ code: 0, stdout: '[s]\n', stderr: '' })
    expect(await inside(ask, 'other')).toEqual({ code: 0, stdout: '[]\n', stderr: '' })
  })
})

sentence('an OPTIND that is not a number, with which no dash starts, does not keep it from booting', async () => {
  const args = ['--skip-runit', '--', 'sh', '-c', 'echo booted']
  expect((await oneShot({ env: ['OPTIND=x'], args })).stdout).toBe('booted\n')
})

sentence('a variable named like a path writes no file', async () => {
  const { stdout } = await oneShot({
    env: ['../escaped=x', '/tmp/escaped=x', '..=x', 'GOOD=x'],
    args: ['--skip-runit', '--', 'sh', '-c', 'ls /etc/escaped /tmp/escaped 2>/dev/null; echo $GOOD'],
  })
  expect(stdout).toBe('x\n')
})
