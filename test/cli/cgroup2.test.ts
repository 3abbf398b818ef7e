/** Control groups of the second version, where each container has a namespace of its own for them. */
import { readFileSync } from 'node:fs'
import { type RunOptions, run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { type Docker, docker } from '../support/docker-api'
import { type Engine, privateEngine } from '../support/engine'
import { mountSpace } from '../support/mounts'
import { waitForProcess } from '../support/processes'

let place: Engine
let api: Docker
let made: Container
let inside: RunOptions

beforeAll(async () => {
  const hybrid = '/sys/fs/cgroup/unified'
  const mounts = await mountSpace(`if [ -d ${hybrid} ]; then mount --bind ${hybrid} /sys/fs/cgroup; fi`)
  place = await privateEngine(['debian', 'busybox'], { mounts })
  api = docker(place.host)
  made = await container({ image: 'busybox', on: api })
  inside = { place, under: ['nsenter', `--mount=${mounts}`] }
})

const ways = [
  ['runc', ['--via', 'runc']],
  ['exec', ['--via', 'exec']],
  ['nsenter', ['--via', 'nsenter']],
  ['nsenter from a helper', ['--via', 'nsenter', '--helper']],
  ['debug', ['--via', 'debug']],
] as const

test.each(ways)('by %s a command is in the container’s control group, and in its namespace', async (_, flags) => {
  const info = (await api.call('GET', '/info')) as { CgroupVersion?: string }
  expect(info.CgroupVersion).toBe('2')
  const running = start([...flags, '-c', 'grep ^0: /proc/self/cgroup; exec sleep 7601', made.name], inside)
  const { pid } = await waitForProcess(made.id, /^(?:\S*\/)?sleep 7601$/, 20_000, api)
  const group = (of: number | string) => /^0::(.*)$/m.exec(readFileSync(`/proc/${of}/cgroup`, 'utf8'))?.[1]
  expect(group(pid)).toBe(group((await api.inspect(made.id)).State.Pid))
  expect(group(pid)).toMatch(made.id)
  running.kill('SIGTERM')
  const { code, stdout } = await running.ended
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 143, stdout: '0::/\n' })
})

test('explain knows that the namespace is its own', async () => {
  const { stdout } = await run(['explain', '--json', made.name], inside)
  expect(JSON.parse(stdout.toString())).toMatchObject({ facts: { namespaces: { cgroup: 'own' } } })
})
