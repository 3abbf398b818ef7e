/** sshd: off until asked for, keys only, host keys of each container's own, and a key of the image's own. */
import { until } from '../../support/until'
import { type Box, box, oneShot } from './box'
import { buildOurs, derive, firstTime, foreign } from './images'
import { sentence } from './sentence'

const enabled = () => derive('test/image-sshd', ['RUN rm -f /etc/service/sshd/down'])
const hostKeys = 'cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null | sort'
const login = (user: string, ...more: string[]) => [
  ...['ssh', '-i', '/tmp/key', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=no', '-o', 'LogLevel=ERROR'],
  ...more,
  `${user}@127.0.0.1`,
]

/** Waits for sshd, and has the image's key where ssh accepts it: readable by nobody else. */
async function answering({ sh }: Box): Promise<void> {
  const banner = 'exec 2>/dev/null 3<>/dev/tcp/127.0.0.1/22 && head -c 4 <&3'
  const hello = async () => (await sh(`bash -c '${banner}' || :`)) === 'SSH-'
  await until(hello, 15_000, () => sh('sv status /etc/service/sshd 2>&1'))
  await sh('install -m 0600 /etc/insecure_key /tmp/key')
}

describe('sshd', () => {
  sentence('is off until asked for, and the container has no host keys then', async () => {
    const { sh } = await box()
    const status = () => sh('sv status /etc/service/sshd 2>&1 || :')
    await until(async () => /^down/.test(await status()), 5_000, status)
    expect(await sh(hostKeys)).toBe('')
  })

  sentence('is on with /etc/service/sshd/down removed, with host keys made at the first boot and kept', async () => {
    const image = await enabled()
    const one = await box({ image })
    const two = await box({ image })
    await Promise.all([one, two].map(answering))
    const keys = await one.sh(hostKeys)
    expect(keys).toMatch(/ssh-ed25519/)
    const bodies = (text: string) =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ')[1])
    const others = bodies(await two.sh(hostKeys))
    expect(bodies(keys).filter((key) => others.includes(key))).toEqual([])
    await one.sh('sv restart /etc/service/sshd')
    await answering(one)
    expect(await one.sh(hostKeys)).toBe(keys)
  })

  sentence('stays off when its package is configured again, as in an upgrade', async () => {
    const image = await derive('test/image-upgraded', ['RUN dpkg-reconfigure -f noninteractive openssh-server'])
    const { said, sh } = await box({ image, files: { '/etc/service/zz/run': '#!/bin/sh\necho up\nexec sleep 1000\n' } })
    await said(/^up/m)
    expect(await sh('sv status /etc/service/* | grep ssh')).toMatch(/^down: [^\n]*\n$/)
  })

  sentence('00_regen_ssh_host_keys.sh makes them in a Dockerfile, and with -f while sshd is off', async () => {
    const script = '/etc/my_init.d/00_regen_ssh_host_keys.sh'
    const image = await derive('test/image-regen', ['RUN rm -f /etc/service/sshd/down', `RUN ${script}`])
    const baked = await oneShot({ image, cmd: ['sh', '-c', hostKeys] })
    expect(baked.stdout).toMatch(/ssh-ed25519/)
    const { sh } = await box()
    await sh(script)
    expect(await sh(hostKeys)).toBe('')
    await sh(`${script} -f`)
    expect(await sh(hostKeys)).toMatch(/ssh-ed25519/)
  })

  sentence('is started later by the regen script and sv', async () => {
    const made = await box()
    await made.sh('/etc/my_init.d/00_regen_ssh_host_keys.sh -f')
    await until(
      async () => (await made.inside(['sv', 'up', '/etc/service/sshd'])).code === 0,
      5_000,
      () => 'sv up fails',
    )
    await answering(made)
  })

  sentence('lets a key in, as root and as a user with no password', async () => {
    const made = await box({
      image: await enabled(),
      files: { '/etc/my_init.d/50_user': '#!/bin/sh\nuseradd -m -s /bin/bash app\n' },
    })
    await answering(made)
    await made.sh('enable_insecure_key')
    await made.sh('install -d -m 0700 -o app ~app/.ssh; install -o app /etc/insecure_key.pub ~app/.ssh/authorized_keys')
    for (const user of ['root', 'app']) {
      const { code, stdout, stderr } = await made.inside([...login(user), 'id', '-un'])
      expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${user}\n`, stderr: '' })
    }
  })

  sentence('gives a login shell over it the container environment', async () => {
    const made = await box({ image: await enabled(), env: ['FROM_RUN=it works'], args: ['--enable-insecure-key'] })
    await answering(made)
    expect((await made.inside([...login('root'), 'bash -lc "echo $FROM_RUN"'])).stdout).toBe('\n')
    expect((await made.inside([...login('root'), `bash -lc 'echo $FROM_RUN'`])).stdout).toBe('it works\n')
  })

  sentence('takes no password, looks up no names', async () => {
    const { sh, inside } = await box({ image: await enabled() })
    await answering({ sh, inside } as Box)
    const config = await sh('/usr/sbin/sshd -T')
    expect(config).toMatch(/^passwordauthentication no$/m)
    expect(config).toMatch(/^kbdinteractiveauthentication no$/m)
    expect(config).toMatch(/^permitemptypasswords no$/m)
    expect(config).toMatch(/^usedns no$/m)
    const { stderr } = await inside(login('root', '-o', 'PreferredAuthentications=password,keyboard-interactive'))
    expect(stderr).toContain('(publickey)')
  })

  sentence('is off for good by the documented line', async () => {
    const image = await derive('test/image-no-sshd', [
      'RUN rm -rf /etc/service/sshd /etc/my_init.d/00_regen_ssh_host_keys.sh',
    ])
    const { said, sh, stop } = await box({
      image,
      files: { '/etc/service/one/run': '#!/bin/sh\necho up\nexec sleep 1000\n' },
    })
    await said(/^up/m)
    expect(await sh('cat /proc/[0-9]*/comm 2>/dev/null || :')).not.toMatch(/sshd/)
    expect((await stop()).code).toBe(0)
  })
})

describe('the insecure key', () => {
  sentence('is a pair that fits together, the private half for root alone', async () => {
    const { stdout } = await oneShot({
      cmd: [
        'sh',
        '-c',
        'ssh-keygen -y -f /etc/insecure_key; cat /etc/insecure_key.pub; stat -c %a%U /etc/insecure_key',
      ],
    })
    const [derived, stored, mode] = stdout.trim().split('\n')
    expect(stored?.split(' ').slice(0, 2)).toEqual(derived?.split(' ').slice(0, 2))
    expect(mode).toBe('600root')
  })

  sentence('is enabled once, whatever authorized_keys held, and with the modes that sshd wants', async () => {
    const { stdout } = await oneShot({
      files: { '/root/.ssh/authorized_keys': { content: 'ssh-ed25519 AAAA somebody', mode: 0o600 } },
      cmd: [
        'sh',
        '-c',
        'enable_insecure_key; enable_insecure_key; cat /root/.ssh/authorized_keys; cat /etc/insecure_key.pub; stat -c %a /root/.ssh /root/.ssh/authorized_keys',
      ],
    })
    const lines = stdout.trim().split('\n').slice(-5)
    expect(lines).toEqual(['ssh-ed25519 AAAA somebody', lines[2], lines[1], '700', '600'])
  })

  // A foreign image is not ours to build.
  if (!foreign)
    sentence(
      'is another one in each build',
      async () => {
        await buildOurs('test/image-second', { BUILD: 'second' })
        const show = ['cat', '/etc/insecure_key.pub']
        const first = await oneShot({ cmd: show })
        const second = await oneShot({ image: 'test/image-second', cmd: show })
        expect(first.stdout).toMatch(/^ssh-ed25519 /)
        expect(second.stdout).toMatch(/^ssh-ed25519 /)
        expect(second.stdout).not.toBe(first.stdout)
      },
      firstTime,
    )
})
