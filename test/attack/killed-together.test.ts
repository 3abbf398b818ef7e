/** A control group that docker-bash is in is killed whole, all at once, as systemd, a CI’s runner or the kernel do it. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootsOf } from '../../src/lib/host/cgroup'
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { waitForProcess, waitGone } from '../support/processes'
import { until } from '../support/until'

const mount = '/sys/fs/cgroup'
/** Of the hierarchy by which the engine holds its containers. */
const group = join(
  mount,
  existsSync(join(mount, 'cgroup.controllers')) ? '' : 'pids',
  `docker-bash-test-${process.pid}`,
)
const members = () => readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
const signal = (pid: number, name: NodeJS.Signals) => {
  try {
    process.kill(pid, name)
  } catch {
    // It ended meanwhile.
  }
}

let box: Container
beforeAll(async () => {
  mkdirSync(group)
  box = await container({ image: 'busybox' })
})
afterAll(() => rmdirSync(group))

/** The words before a program that put it, and all that it starts, into the group. */
const within = ['sh', '-c', `echo 0 >${group}/cgroup.procs; exec "$@"`, 'sh']

/** Nobody in it does anything any more. */
async function killAll(): Promise<void> {
  const together = join(group, 'cgroup.kill')
  if (existsSync(together)) writeFileSync(together, '1')
  else {
    for (const pid of members()) signal(pid, 'SIGSTOP')
    for (const pid of members()) signal(pid, 'SIGKILL')
  }
  await until(
    () => members().length === 0,
    5_000,
    () => `${members()} left`,
  )
}

test.each([
  ['runc', ['--via', 'runc']],
  ['runc with a terminal', ['-t', '--via', 'runc']],
  ['exec', ['--via', 'exec']],
  ['exec with a terminal', ['-t', '--via', 'exec']],
  ['nsenter', ['--via', 'nsenter']],
])('by %s nothing is left inside', async (_, flags) => {
  const running = start([...flags, box.name, 'sh', '-c', 'trap "" HUP TERM; sleep 7701; sleep 7702'], { under: within })
  await waitForProcess(box.id, /^sleep 7701$/, 20_000)
  await killAll()
  expect((await running.ended).signal).toBe('SIGKILL')
  await waitGone(box.id, /770[12]/, 10_000)
})

test('by forward the socket among its files is not left', async () => {
  const running = start(['forward', '-R', box.name, '/here.sock:7700'], { under: within })
  await running.said(/ -> /)
  const files = async () => (await run([box.name, 'ls', '/'])).stdout.toString()
  expect(await files()).toMatch(/^here\.sock$/m)
  await killAll()
  expect((await running.ended).signal).toBe('SIGKILL')
  await until(
    async () => !(await files()).includes('here.sock'),
    2_000,
    () => 'it is still there',
  )
})

test('by run nothing is left inside', async () => {
  const running = start(['run', box.name, '--', 'sh', '-c', 'trap "" HUP TERM; sleep 7703; sleep 7704'], {
    under: within,
  })
  await waitForProcess(box.id, /^sleep 7703$/, 20_000)
  await killAll()
  expect((await running.ended).signal).toBe('SIGKILL')
  await waitGone(box.id, /770[34]/, 10_000)
})

test('where the ways out are', () => {
  expect(rootsOf('0::/user.slice/user-0.slice/session-1.scope\n')).toEqual([`${mount}/cgroup.procs`])
  expect(rootsOf('0::/\n')).toEqual([])
  expect(rootsOf('9:name=systemd:/ci\n8:pids:/\n4:cpu,cpuacct:/ci/job\n0::/ci\n')).toEqual([
    ...[`${mount}/systemd/tasks`, `${mount}/cpu,cpuacct/tasks`, `${mount}/unified/cgroup.procs`],
  ])
})
