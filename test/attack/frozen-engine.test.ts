/** An engine that is stopped in the middle of its work takes connections and answers nothing. */
import { type Running, run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { type Docker, docker } from '../support/docker-api'
import { type Engine, privateEngine } from '../support/engine'
import { slowness } from '../support/pace'
import { openTerminal } from '../support/tmux'

let engine: Engine
let api: Docker
let web: Container

beforeAll(async () => {
  engine = await privateEngine(['busybox'])
  api = docker(engine.host)
  web = await container({ image: 'busybox', on: api })
  freeze()
  frozen = performance.now()
  const lines = { enter: [web.name, 'true'], exec: ['--via', 'exec', web.name], ls: ['ls'], debug: ['debug', web.name] }
  const begun = ([name, words]: [string, string[]]) =>
    [name, start(words, { place: engine, timeoutMs: 50_000 })] as const
  waiting = new Map(Object.entries(lines).map(begun))
})

let frozen: number
/** Commands that wait for it, beside all other tests. */
let waiting: ReadonlyMap<string, Running>
const freeze = () => process.kill(engine.pid, 'SIGSTOP')
const thaw = () => process.kill(engine.pid, 'SIGCONT')
const seconds = (from: number) => (performance.now() - from) / 1000

test('whoever waits hears of it, and of what needs no engine', async () => {
  for (const running of waiting.values()) {
    const words = /waiting for the engine at unix:\S+ \(.+\); needs no engine: docker-bash --via runc FULLID/
    await running.said(words, 'stderr', 30_000)
  }
  // Long before it is given up.
  expect(seconds(frozen)).toBeLessThan(25)
})

test('what was said to need no engine needs none', async () => {
  for (const way of ['runc', 'nsenter']) {
    const { code, stdout, stderr } = await run(['--via', way, web.id, 'echo', 'in'], { place: engine })
    expect({ way, code, stdout: stdout.toString(), stderr }).toEqual({ way, code: 0, stdout: 'in\n', stderr: '' })
  }
})

test('the clock of run starts at once', async () => {
  const from = performance.now()
  const { code, stderr } = await run(['run', '--timeout', '2s', '--all', '--', 'true'], { place: engine })
  expect({ code, stderr }).toEqual({
    code: 124,
    stderr: expect.stringMatching(/^docker-bash: nothing was begun: the time was up after 2 s/),
  })
  expect(seconds(from)).toBeLessThan(5)
})

test('doctor takes no longer than five seconds, and finds what else there is', async () => {
  const from = performance.now()
  const { code, stdout } = await run(['doctor'], { place: engine })
  expect(code).toBe(125)
  // Its lines are broken where they are full.
  const said = stdout.toString().replace(/\s+/g, ' ')
  expect(said).toMatch(/✗ engine the engine at unix:\S+ has not answered for 5 s/)
  expect(said).toMatch(/keys/)
  expect(seconds(from)).toBeLessThan(9)
})

test('at a terminal it is said after three seconds', async () => {
  const command = ['docker-bash', '--via', 'exec', web.name, 'true']
  const from = performance.now()
  const terminal = await openTerminal({ command, place: engine })
  await terminal.until(/waiting for the engine/)
  // In a pipe, after ten.
  expect(seconds(from)).toBeLessThan(9)
  await terminal.keys('C-c')
  const { code, signal } = await terminal.exit()
  expect(code ?? signal).toBe(code === undefined ? 2 : 130)
})

test('a signal ends the wait at once', async () => {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  const begun = (Object.keys(codes) as Array<keyof typeof codes>).map((name) => {
    const running = start(['--via', 'exec', web.name, 'true'], { place: engine })
    return { name, running, waits: running.said(/waiting for the engine/, 'stderr', 30_000) }
  })
  for (const { name, running, waits } of begun) {
    await waits
    const from = performance.now()
    running.kill(name)
    const { code, signal } = await running.ended
    expect(code ?? signal).toBe(code === null ? name : codes[name])
    expect(seconds(from)).toBeLessThan(1 * (await slowness()))
  }
})

test('then it is given up', async () => {
  for (const [name, running] of waiting) {
    const { code, stdout, stderr } = await running.ended
    expect({ name, code, stdout: stdout.toString() }).toEqual({ name, code: 125, stdout: '' })
    expect(stderr.match(/waiting for the engine/g)).toHaveLength(1)
    expect(stderr).toMatch(/the engine at unix:\S+ has not answered for 30 s \(.+\)\n {2}what needs no engine/)
  }
  expect(seconds(frozen)).toBeGreaterThan(29)
  expect(seconds(frozen)).toBeLessThan(45 * (await slowness()))
})

test('a session that has begun is silent for as long as it likes', async () => {
  thaw()
  const running = start(['--via', 'exec', web.name, 'sh', '-c', 'echo begun; read -r line; echo "$line"'], {
    ...{ place: engine, input: 'open', timeoutMs: 60_000 },
  })
  await running.said(/begun/)
  freeze()
  await new Promise((resolve) => setTimeout(resolve, 4000))
  thaw()
  running.stdin.end('still here\n')
  const { code, stdout, stderr } = await running.ended
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: 'begun\nstill here\n', stderr: '' })
})
