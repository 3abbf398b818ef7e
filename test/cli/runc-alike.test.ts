/** runc against the engine's own exec: the same process, to the last limit. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../../scripts/engine-http.mjs'
import { processes } from '../../scripts/proc.mjs'
import { run, start } from '../support/cli'
import { type Container, type ContainerOptions, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { privateEngine, scratch } from '../support/engine'
import { describeInside } from '../support/insides'
import { waitForProcess, waitGone } from '../support/processes'
import { openTerminal } from '../support/tmux'

const kinds: Record<string, Omit<ContainerOptions, 'image'> & { flags?: string[] }> = {
  plain: {},
  'a named user': { user: 'nobody' },
  'a number without a passwd line': { user: '1234:5678' },
  'another user, asked for': { flags: ['-u', 'nobody:games'] },
  'a number with a passwd line, asked for': { user: 'games', flags: ['-u', '2'] },
  'groups added': { user: 'games', hostConfig: { GroupAdd: ['audio', '4242'] } },
  'groups added, and a user asked for': { flags: ['-u', 'games'], hostConfig: { GroupAdd: ['audio', '4242'] } },
  'capabilities dropped and added': { hostConfig: { CapDrop: ['ALL'], CapAdd: ['NET_BIND_SERVICE', 'CHOWN'] } },
  'no new privileges': { hostConfig: { SecurityOpt: ['no-new-privileges'] } },
  'no seccomp': { hostConfig: { SecurityOpt: ['seccomp=unconfined'] } },
  'limits of its own': {
    hostConfig: {
      // Soft below hard is a race in runc itself, in every exec: its Go runtime may raise it again (runc#4195).
      Ulimits: [{ Name: 'nofile', Soft: 456, Hard: 456 }],
      OomScoreAdj: 321,
      Memory: 64 * 1024 * 1024,
      PidsLimit: 50,
    },
  },
  'a terminal of its own': { tty: true, env: ['A=1', 'PATH=/bin:/usr/bin'] },
  'a folder of its own': { workdir: '/var/tmp', env: ['HOME=/srv', 'TERM=dumb'] },
  'read-only, no network': { hostConfig: { ReadonlyRootfs: true, NetworkMode: 'none' } },
  'the host’s namespaces': { hostConfig: { PidMode: 'host', IpcMode: 'host', UTSMode: 'host', NetworkMode: 'host' } },
}

describe('a command by runc has what it has by exec', () => {
  test.each(Object.entries(kinds))('%s', async (_, { flags = [], ...options }) => {
    const { name } = await container({ image: 'debian', ...options })
    const [exec, runc] = await Promise.all(
      ['exec', 'runc'].map(async (via) => {
        const { code, stdout, stderr } = await run(['--via', via, ...flags, name, ...describeInside])
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
        return stdout.toString()
      }),
    )
    expect(runc).toBe(exec)
    expect(exec).toMatch(/^CapBnd/m)
  })
})

test('auto takes runc for root on the host, and -v says so', async () => {
  const { name } = await container({ image: 'busybox' })
  const { stderr, stdout } = await run(['-v', name, 'echo', 'hello'])
  expect(stdout.toString()).toBe('hello\n')
  expect(stderr).toMatch(/by runc, as root: root on this host, runc’s state found/)
})

test('at a terminal the runtime may use more processors than two, and the command does not see it', async () => {
  const { name, id } = await container({ image: 'busybox' })
  const terminal = await openTerminal({ command: ['docker-bash', '--via', 'runc', name, 'sleep', '7301'] })
  const inside = await waitForProcess(id, /^sleep 7301$/)
  const runtime = processes().find(({ args }) => args.includes('--process') && args.includes(id))
  const environ = (pid = 0) => readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  const most = environ(runtime?.pid).find((entry) => entry.startsWith('GOMAXPROCS='))
  expect(Number(most?.slice('GOMAXPROCS='.length))).toBeGreaterThan(3)
  expect(environ(inside.pid).join()).not.toMatch(/GOMAXPROCS/)
  await terminal.kill()
  await waitGone(id, /^sleep 7301$/)
})

describe('the runtime’s state', () => {
  /** Where runc keeps it, as its own words say. */
  async function stateOf({ name, id }: Container): Promise<string> {
    const session = start(['--via', 'runc', name, 'sleep', '7302'])
    await waitForProcess(id, /^sleep 7302$/)
    const words = processes().find(({ args }) => args.includes('--process') && args.includes(id))?.args ?? []
    session.kill('SIGTERM')
    await session.ended
    return join(words[words.indexOf('--root') + 1] ?? '', id, 'state.json')
  }

  test('is read whatever its order, and must name the container’s first process', async () => {
    const made = await container({ image: 'busybox' })
    const path = await stateOf(made)
    const written = readFileSync(path, 'utf8')
    const { id, init_process_pid, init_process_start, ...rest } = JSON.parse(written) as Record<string, unknown>
    const enter = () => run(['--via', 'runc', made.name, 'echo', 'hello'])
    try {
      writeFileSync(path, JSON.stringify({ ...rest, init_process_start, init_process_pid, id }))
      expect((await enter()).stdout.toString()).toBe('hello\n')
      for (const other of [{ init_process_pid: 1 }, { init_process_start: Number(init_process_start) + 1 }]) {
        writeFileSync(path, JSON.stringify({ id, init_process_pid, init_process_start, ...other, ...rest }))
        const stderr = expect.stringMatching('the runtime’s state names another process') as string
        expect(await enter()).toMatchObject({ code: 125, stderr })
      }
    } finally {
      writeFileSync(path, written)
    }
  })
})

test('leaves no event of an exec', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const since = Date.now() / 1000
  expect((await run(['--via', 'runc', name, 'true'])).code).toBe(0)
  expect((await run(['--via', 'exec', name, 'true'])).code).toBe(0)
  const filters = encodeURIComponent(JSON.stringify({ container: [id], event: ['exec_start'] }))
  const query = `since=${since}&until=${Date.now() / 1000}&filters=${filters}`
  const { text } = await request(docker().host, 'GET', `/events?${query}`)
  // The command's by exec; its watchdog is on the host.
  expect(text.match(/"Action":"exec_start/g)).toHaveLength(1)
})

test('its terminal is one of the container’s own', async () => {
  const { name } = await container({ image: 'debian' })
  const terminal = await openTerminal({
    command: ['docker-bash', '--via', 'runc', name, 'sh', '-c', 'tty; ls -l /proc/self/fd/; sleep 60'],
  })
  const seen = await terminal.until(/\/dev\/pts\/0[\s\S]*2 -> /)
  expect(seen).toMatch(/^\/dev\/pts\/0$/m)
  expect(seen.match(/ [012] -> \/dev\/pts\/0$/gm)).toHaveLength(3)
  await terminal.kill()
})

describe('while the engine hangs', () => {
  let made: Container
  let host = ''
  let pid = 0
  beforeAll(async () => {
    const engine = await privateEngine(['busybox'])
    host = engine.host
    pid = engine.pid ?? 0
    made = await container({ image: 'busybox', on: docker(host) })
  })
  afterEach(() => process.kill(pid, 'SIGCONT'))

  test('a container is entered by its full ID, command and shell', async () => {
    process.kill(pid, 'SIGSTOP')
    const command = await run(['--via', 'runc', made.id, 'sh', '-c', 'echo "$PATH"; exit 4'], { place: { host } })
    expect(command).toMatchObject({ code: 4, stderr: '' })
    expect(command.stdout.toString()).toMatch(/:\/bin/)
    const shell = await run(['--via', 'runc', made.id], { place: { host }, input: 'echo $((6*7))\n' })
    expect(shell.stdout.toString()).toBe('42\n')
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) T /)
  })
})

describe('a runtime that is not known', () => {
  let host = ''
  beforeAll(async () => {
    // A runtime that nobody knows, though it does what runc does.
    const unknown = join(scratch('runtime'), 'other-runtime')
    writeFileSync(unknown, '#!/bin/sh\nexec runc "$@"\n')
    chmodSync(unknown, 0o755)
    const engine = await privateEngine(['busybox'], { args: ['--add-runtime', `other=${unknown}`] })
    host = engine.host
  })

  test('is left alone: exec is taken, and explain says why', async () => {
    const hostConfig = { Runtime: 'other', NetworkMode: 'none' }
    const { name } = await container({ image: 'busybox', hostConfig, on: docker(host) })
    const { stderr } = await run(['-v', name, 'true'], { place: { host } })
    expect(stderr).toMatch(/by exec/)
    const refused = await run(['--via', 'runc', name, 'true'], { place: { host } })
    expect(refused).toMatchObject({
      code: 125,
      stderr: expect.stringMatching('its runtime is other-runtime, which is not known'),
    })
  })
})
