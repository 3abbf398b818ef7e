/**
 * A way in that cannot begin for a reason of its own says that reason, and not that there is no such command or user;
 * where nobody asked for it, the next one that fits is taken.
 */
import { spawnSync } from 'node:child_process'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'

describe('without /proc inside, which runtimes need', () => {
  let made: Container
  beforeAll(async () => {
    made = await container({ image: 'busybox' })
    const { Pid } = (await docker().inspect(made.id)).State
    const { status } = spawnSync('nsenter', ['-t', `${Pid}`, '-m', 'umount', '-l', '/proc'])
    expect(status).toBe(0)
  })
  const reason = () => `echo did not start in ${made.name}: its runtime needs /proc, and there is none in it`

  test.each([
    ['exec', []],
    ['exec', ['-t']],
    ['runc', []],
    ['runc', ['-n']],
  ])('by %s %j that is said, and no other way is taken', async (via, flags) => {
    const { code, stdout, stderr } = await run(['--via', via, ...flags, made.name, 'echo', 'in'])
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 126, stdout: '' })
    expect(stderr.startsWith(`docker-bash: ${reason()} (`)).toBe(true)
    expect(stderr).toMatch(/^[^\n]+\n {2}docker-bash explain \S+ shows the other ways in\n$/)
  })
  test.each([[['--via', 'nsenter']], [['--via', 'nsenter', '--helper']], [['--via', 'debug']]])(
    '%j gets in',
    async (flags) => {
      const { code, stdout, stderr } = await run([...flags, made.name, 'echo', 'in'])
      expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: 'in\n', stderr: '' })
    },
  )
  test('the next ways are taken where nobody asked for one, and each is said', async () => {
    for (const env of [{}, { DOCKER_BASH_VIA: 'exec' }]) {
      const { code, stdout, stderr } = await run([made.name, 'echo', 'in'], { env })
      expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
      const lines = stderr.trim().split('\n')
      expect(lines.map((line) => line.slice(0, 'docker-bash: not by exec: '.length)).sort()).toEqual([
        'docker-bash: not by exec: ',
        'docker-bash: not by runc: ',
      ])
      expect(lines.at(-1)).toMatch(/; by nsenter instead$/)
    }
  })
  test('but not where some of the input may be gone', async () => {
    const { code, stdout, stderr } = await run([made.name, 'cat'], { input: 'one\ntwo\n' })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 126, stdout: '' })
    expect(stderr).toMatch(
      /^docker-bash: cat did not start in [^\n]+\n {2}another way in: docker-bash --via \w+ [^\n]+\n$/,
    )
    const by = await run(['--via', 'nsenter', made.name, 'cat'], { input: 'one\ntwo\n' })
    expect(by.stdout.toString()).toBe('one\ntwo\n')
  })
  test('run says it of each container', async () => {
    const { code, stderr } = await run(['run', made.name, '--', 'echo', 'in'])
    expect(code).toBe(126)
    expect(stderr).toMatch(reason())
  })
  test('who is not root on the host is told of each way', async () => {
    const { code, stdout, stderr } = await run([made.name, 'echo', 'in'], { under: asNobody(), cwd: '/' })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(`docker-bash: not by exec: ${reason()}`)
    expect(stderr).toMatch(`docker-bash: the tools did not get into ${made.name}: they come in by its /proc`)
    expect(stderr).not.toMatch(/has no shell|there is no echo/)
  })
})

test('a folder as /etc/passwd is named, and nobody is said to be missing', async () => {
  const { name, id } = await container({ image: 'busybox' })
  await docker().inside(id, ['sh', '-c', 'rm -f /etc/passwd; mkdir /etc/passwd'])
  const ways = [
    ['--via', 'exec'],
    ['--via', 'runc'],
    ['--via', 'nsenter'],
    ['--via', 'nsenter', '--helper'],
    ['--via', 'debug'],
    [],
  ]
  for (const flags of [...ways, ...ways.map((way) => [...way, '-u', 'root'])]) {
    const { code, stdout, stderr } = await run([...flags, name, 'echo', 'in'])
    expect({ flags, code, stdout: stdout.toString(), stderr }).toEqual({
      ...{
        flags,
        code: 125,
        stdout: '',
        stderr: expect.stringMatching(/^docker-bash: \/etc\/passwd in \S+ cannot be read: [^\n]*\n {2}\S[^\n]*\n$/),
      },
    })
    expect(stderr).not.toMatch(/there is no/)
  }
})

test('a shell that the kernel does not run is none: what needs no shell runs without', async () => {
  const { name, id } = await container({ image: 'busybox' })
  const broken = 'rm /bin/sh /bin/ash; busybox printf "#!/nosuch/sh\\n" >/bin/sh; busybox chmod 755 /bin/sh'
  expect((await docker().inside(id, ['sh', '-c', broken])).code).toBe(0)
  for (const flags of [['--via', 'exec'], ['--via', 'exec', '-t'], ['--via', 'runc'], []]) {
    const { code, stdout, stderr } = await run([...flags, name, 'echo', 'in'])
    expect({ flags, code, stdout: stdout.toString().trim(), stderr }).toEqual({
      flags,
      code: 0,
      stdout: 'in',
      stderr: '',
    })
  }
  const { code, stderr } = await run(['-c', 'echo in', name])
  expect({ code, stderr }).toEqual({
    ...{
      code: 127,
      stderr: expect.stringMatching(`/bin/sh in ${name} cannot be run: its interpreter /nosuch/sh is not`),
    },
  })
})
