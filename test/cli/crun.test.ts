/** crun, the other runtime that is known: found from the engine's info and its state, and it does what runc does. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { ensurePackages } from '../../scripts/packages.mjs'
import { type RunOptions, run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { attempts, give, kinds } from '../support/descriptors'
import { docker } from '../support/docker-api'
import { type Engine, privateEngine } from '../support/engine'
import { describeInside } from '../support/insides'
import { mountSpace } from '../support/mounts'
import { waitForProcess, waitGone } from '../support/processes'

let place: Engine
let made: Container
let inside: RunOptions

beforeAll(async () => {
  ensurePackages({ crun: 'crun' })
  // It refuses a host with control groups of both versions where the second has a controller: it gets to see the first.
  const mounts = await mountSpace('if [ -d /sys/fs/cgroup/unified ]; then umount /sys/fs/cgroup/unified; fi')
  place = await privateEngine(['debian', 'busybox'], {
    mounts,
    args: ['--add-runtime', 'crun=/usr/bin/crun', '--default-runtime', 'crun'],
  })
  made = await container({ image: 'debian', on: docker(place.host), hostConfig: { PidsLimit: 50, CapDrop: ['MKNOD'] } })
  inside = { place, under: ['nsenter', `--mount=${mounts}`] }
})

const by = (...words: string[]) => ['--via', 'runc', made.name, ...words]

test('is taken by itself, and said', async () => {
  expect(existsSync('/usr/bin/crun')).toBe(true)
  const { stdout, stderr, code } = await run(['-v', made.name, 'sh', '-c', 'echo in; exit 4'], inside)
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 4, stdout: 'in\n' })
  expect(stderr).toMatch(/by runc, as root: root on this host, crun’s state found/)
})

test('what the kernel does not run is said as by the other ways, in our words alone', async () => {
  const script = 'cd /; printf "#!/nosuch/sh\\n" >gone; echo "echo ran" >text; chmod 755 gone text'
  expect((await run(['--via', 'exec', made.name, 'sh', '-c', script], inside)).code).toBe(0)
  for (const [program, code, says] of [
    ['/gone', 127, `/gone in ${made.name} cannot be run: its interpreter /nosuch/sh is not there`],
    ['/text', 126, `/text in ${made.name} cannot be run: exec format error`],
    ['/etc', 126, `/etc in ${made.name} cannot be run`],
    ['/nosuch', 127, `there is no /nosuch in ${made.name}`],
  ] as const) {
    const one = await run(by(program), inside)
    expect({ program, code: one.code, stderr: one.stderr }).toEqual({
      ...{ program, code, stderr: expect.stringMatching(/^docker-bash: [^\n]*\n {2}[^\n]*\n$/) },
    })
    expect(one.stderr).toMatch(says)
    const many = await run(['run', made.name, '--', program], inside)
    expect({ code: many.code, stderr: many.stderr }).toEqual({
      code,
      stderr: expect.stringMatching(/^docker-bash: 0 of/),
    })
    expect(many.stderr).toMatch(says)
  }
})

test('gives a command what exec gives it', async () => {
  for (const flags of [[], ['-u', 'games'], ['-e', 'A=b', '-w', '/var']]) {
    const [exec, crun] = await Promise.all(
      ['exec', 'runc'].map(async (via) =>
        (await run(['--via', via, ...flags, made.name, ...describeInside], inside)).stdout.toString(),
      ),
    )
    // crun leaves it as it has it itself: the engine's has its supervisor's.
    const score = /^-?\d+\n(?=\n*cgroup:|[^\n]*\n*cgroup:)/m
    expect(crun?.replace(score, '')).toBe(exec?.replace(score, ''))
    expect(exec).toMatch(/^CapBnd/m)
  }
})

test('streams, a shell, a terminal of its own', async () => {
  const bytes = Buffer.alloc(2_000_000, 'x')
  const both = await run(by('sh', '-c', 'cat; echo err >&2; exit 42'), { ...inside, input: bytes })
  expect({ code: both.code, same: both.stdout.equals(bytes), stderr: both.stderr }).toEqual({
    ...{ code: 42, same: true, stderr: 'err\n' },
  })
  expect((await run(by(), { ...inside, input: 'echo $((6 * 7)); exit 9\n' })).code).toBe(9)
  const { stdout, code } = await run(['-t', ...by('sh', '-c', 'tty; exit 3')], inside)
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 3, stdout: '/dev/pts/0\r\n' })
})

test('what cannot be started has the codes of a shell', async () => {
  const missing = await run(by('nosuch-program'), inside)
  expect(missing).toMatchObject({ code: 127, stderr: expect.stringMatching(/there is no nosuch-program in/) })
  expect((await run(by('/etc/passwd'), inside)).code).toBe(126)
  expect((await run(['-w', '/nosuch', ...by('true')], inside)).code).toBe(125)
})

test('signals reach the command, and nothing is left after kill -9', async () => {
  const caught = start(by('sh', '-c', 'trap "echo got; exit 7" TERM; echo ready; while :; do sleep 0.1; done'), inside)
  await caught.said(/ready/)
  caught.kill('SIGTERM')
  expect((await caught.ended).code).toBe(7)
  const killed = start(by('sh', '-c', 'trap "" HUP TERM; echo ready; sleep 7511; sleep 7512'), inside)
  await killed.said(/ready/)
  await waitForProcess(made.id, /^sleep 7511$/, 5_000, docker(place.host))
  killed.kill('SIGKILL')
  await waitGone(made.id, /751[12]/, 15_000, docker(place.host))
})

test('hands nothing of the caller’s on but a pipe: not by a session, nor by run', async () => {
  const root = `/proc/${(await docker(place.host).inspect(made.id)).State.Pid}/root`
  const rows = [
    ...kinds.map((kind) => ({ kind, flags: ['-T', '--via', 'runc'] })),
    { kind: 'a folder', flags: ['-n', '--via', 'runc'] } as const,
    { kind: 'a folder', flags: ['run'] } as const,
  ]
  const { dev, ino } = statSync('/dev/null')
  for (const { kind, flags } of rows) {
    const given = give(kind)
    const before = given.state()
    const words = [...flags, made.name, ...(flags[0] === 'run' ? ['--'] : []), 'sh', '-c', attempts('/tmp/report')]
    await run(words, { ...inside, under: [...(inside.under ?? []), ...given.under] })
    const text = readFileSync(`${root}/tmp/report`, 'utf8')
    const inodes = [...text.matchAll(/^\d is (\d+:\d+) /gm)].map(([, inode]) => inode)
    const own = inodes.filter((inode) => [`${dev}:${ino}`, ...given.inodes()].includes(inode ?? ''))
    expect({ kind, flags, own, state: given.state() }).toEqual({ kind, flags, own: [], state: before })
    expect(text).toMatch(/^over$/m)
    expect(text).not.toMatch(/is a folder|leads on|the host/)
  }
})
