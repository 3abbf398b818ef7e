/** /sbin/my_init: starting, the command beside the services, the flags. Ending is in shutdown.test.ts. */
import { slowness } from '../../support/pace'
import { until } from '../../support/until'
import { box, oneShot } from './box'
import { configOf, imageUnderTest } from './images'
import { sentence, sentences } from './sentence'

/** A service that says it is up, and what its end is. */
const service = '#!/bin/sh\ntrap "echo service ended; exit 0" TERM\necho service up\nwhile :; do sleep 0.1; done\n'

describe('my_init', () => {
  sentence('is what a container of the image runs', async () => {
    expect((await configOf(await imageUnderTest())).Cmd).toEqual(['/sbin/my_init'])
  })

  sentence('reaps a thousand adopted children and leaves no zombie', async () => {
    const { sh } = await box()
    // Each is left by its parent at once, so that PID 1 (or who stands in for it) has to take it.
    await sh('i=0; while [ $i -lt 1000 ]; do (exec sleep 0.2123 &); i=$((i+1)); done')
    const left = async () => [
      // The grep itself is none of them.
      Number(await sh("grep -lazx '0[.]2123' /proc/[0-9]*/cmdline 2>/dev/null | wc -l")),
      Number(await sh("cat /proc/[0-9]*/stat 2>/dev/null | grep -c ') Z ' || :")),
    ]
    await until(
      async () => (await left()).every((number) => number === 0),
      10_000,
      async () => `orphans and zombies: ${await left()}`,
    )
  })

  sentence(
    'runs the executable files of /etc/my_init.d in lexical order, then /etc/rc.local, then services',
    async () => {
      const say = (what: string) => `#!/bin/sh\necho "ran ${what}"\n`
      const { said } = await box({
        files: {
          '/etc/my_init.d/20_b': say('20_b'),
          '/etc/my_init.d/10_a': say('10_a'),
          '/etc/my_init.d/Z': say('Z'),
          '/etc/my_init.d/30_not': { content: say('30_not'), mode: 0o644 },
          '/etc/rc.local': say('rc.local'),
          '/etc/service/one/run': '#!/bin/sh\necho ran service\nexec sleep 1000\n',
        },
      })
      const { stdout } = await said(/ran service/)
      expect(stdout.match(/ran .*/g)).toEqual(['ran 10_a', 'ran 20_b', 'ran Z', 'ran rc.local', 'ran service'])
    },
  )

  const bads = ['/etc/my_init.d/50_bad', '/etc/rc.local']
  sentences(
    bads,
    (bad) => `refuses to boot when ${bad} fails`,
    async (bad) => {
      const { code, stdout, stderr } = await oneShot({
        files: {
          [bad]: '#!/bin/sh\nexit 3\n',
          '/etc/my_init.d/60_later': '#!/bin/sh\nif [ -e /etc/my_init.d/50_bad ]; then echo later; fi\n',
          '/etc/service/one/run': service,
        },
      })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(new RegExp(`${bad}.*\\b3\\b`))
    },
  )

  sentence('has a crashed service up again in a second', async () => {
    const { sh, said } = await box({
      files: { '/etc/service/one/run': '#!/bin/sh\necho "pid $$"\nexec sleep 1000\n' },
    })
    await said(/pid \d+/)
    // It has run for a while: one that crashes at once is given a second's rest each time.
    await until(
      async () => /^run: .* ([2-9]|\d\d)s/.test(await sh('sv status /etc/service/one')),
      5_000,
      () => 'it does not run',
    )
    const ms = await sh(`
      from=$(date +%s%3N) pid=$(cat /etc/service/one/supervise/pid)
      kill -9 "$pid"
      until now=$(cat /etc/service/one/supervise/pid) && [ -n "$now" ] && [ "$now" != "$pid" ]; do sleep 0.02; done
      echo $(($(date +%s%3N) - from))`)
    expect(Number(ms)).toBeLessThan(1_000 * (await slowness()))
  })
})

describe('my_init -- COMMAND', () => {
  const endings: Array<[string, number]> = [
    ['exit 0', 0],
    ['exit 7', 7],
    ['exit 255', 255],
    ['kill -9 $$', 137],
  ]
  sentences(
    endings,
    ([script]) => `ends with the code of the command: ${script}`,
    async ([script, expected]) => {
      const { code } = await oneShot({ args: ['--skip-runit', '--', 'sh', '-c', script] })
      expect(code).toBe(expected)
    },
  )

  sentence('ends with 127 for a command that is not there, and 126 for one that cannot be run', async () => {
    expect((await oneShot({ args: ['--skip-runit', '--', 'no-such-command'] })).code).toBe(127)
    expect((await oneShot({ args: ['--skip-runit', '--', '/etc/passwd'] })).code).toBe(126)
  })

  sentence('runs it with the services up, and stops them after it', async () => {
    const wait = 'until sv status /etc/service/one | grep -q ^run; do sleep 0.05; done; sleep 0.5; echo command; exit 4'
    const { code, stdout } = await oneShot({
      args: ['--', 'sh', '-c', wait],
      files: { '/etc/service/one/run': service },
    })
    expect({ code, lines: stdout.trim().split('\n') }).toEqual({
      code: 4,
      lines: ['service up', 'command', 'service ended'],
    })
  })

  sentence('leaves stdout to the command', async () => {
    const { stdout } = await oneShot({ args: ['--', 'printf', 'a b'] })
    expect(stdout).toBe('a b')
  })

  sentence('passes every argument as it is', async () => {
    const words = ['', ' a  b ', '--', '$HOME', '*', "it's", '"', 'a\nb', 'ä→']
    const { stdout } = await oneShot({ args: ['--skip-runit', '--', 'printf', '[%s]', ...words] })
    expect(stdout).toBe(words.map((word) => `[${word}]`).join(''))
  })

  sentence('needs no -- before the command', async () => {
    expect((await oneShot({ args: ['--skip-runit', 'echo', '--quiet'] })).stdout).toBe('--quiet\n')
  })

  sentence('gives the command signals as it found them', async () => {
    const script = 'grep SigIgn /proc/self/status'
    const { stdout } = await oneShot({ args: ['--skip-runit', '--', 'sh', '-c', script] })
    expect(stdout).toMatch(/^SigIgn:\s+0+$/m)
  })
})

describe('flags', () => {
  sentence('--help explains, with code 0', async () => {
    const { code, stdout } = await oneShot({ args: ['--help'] })
    const flags = ['--enable-insecure-key', '--skip-startup-files', '--skip-runit', '--no-kill-all-on-exit', '--quiet']
    expect({ code, missing: flags.filter((flag) => !stdout.includes(flag)) }).toEqual({ code: 0, missing: [] })
  })

  sentence('an unknown flag is refused', async () => {
    const { code, stderr } = await oneShot({ args: ['--no-such-flag'] })
    expect(code).toBe(2)
    expect(stderr).toContain('--no-such-flag')
  })

  sentence('--quiet says nothing when all is well', async () => {
    const { stderr } = await oneShot({ args: ['--quiet', '--skip-runit', '--', 'true'] })
    expect(stderr).toBe('')
  })

  sentence('without --quiet it says what it does', async () => {
    const { stderr } = await oneShot({
      args: ['--', 'true'],
      files: { '/etc/my_init.d/50_ok': '#!/bin/sh\n' },
    })
    expect(stderr).toMatch(/^\*\*\* .*\/etc\/my_init\.d\/50_ok/m)
    expect(stderr).toMatch(/^\*\*\* .*true/m)
  })

  sentence('--skip-startup-files runs neither /etc/my_init.d nor /etc/rc.local', async () => {
    const bad = '#!/bin/sh\nexit 1\n'
    const { code } = await oneShot({
      args: ['--skip-startup-files', '--skip-runit', '--', 'true'],
      files: { '/etc/my_init.d/50_bad': bad, '/etc/rc.local': bad },
    })
    expect(code).toBe(0)
  })

  sentence('--skip-runit starts no service', async () => {
    const { stdout } = await oneShot({
      args: ['--skip-runit', '--', 'sh', '-c', 'ls -d /proc/[0-9]* >/dev/null; cat /proc/[0-9]*/comm'],
    })
    expect(stdout).not.toMatch(/runsv/)
  })

  sentence('--skip-runit without a command is refused', async () => {
    expect((await oneShot({ args: ['--skip-runit'] })).code).toBe(1)
  })

  sentence('--enable-insecure-key lets the key of the image log in as root', async () => {
    const { code, stdout } = await oneShot({
      args: [
        '--enable-insecure-key',
        '--quiet',
        '--skip-runit',
        '--',
        'cat',
        '/root/.ssh/authorized_keys',
        '/etc/insecure_key.pub',
      ],
    })
    const [first, second] = stdout.trim().split('\n')
    expect({ code, first }).toEqual({ code: 0, first: second })
  })
})
