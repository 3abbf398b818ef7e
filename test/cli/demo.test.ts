/** `npm run demo`: on an engine that is there, on one of its own, interrupted, at a terminal; and nothing is left. */
import { mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { launch, type Running } from '../support/child'
import { docker } from '../support/docker-api'
import { type Engine, privateEngine, root, scratch } from '../support/engine'
import { surroundings } from '../support/environment'
import { openTerminal } from '../support/tmux'
import { until } from '../support/until'

const words = [process.execPath, join(root, 'scripts', 'demo.mjs')]
const nowhere = 'unix:///nowhere/docker.sock'

/** The demo takes the newest container for its own, so nobody else may make any on this engine. */
let engine: Engine
/** Where the demo puts what it has outside of the engine; short, so that a private engine's sockets fit below. */
let temporary: string
beforeAll(async () => {
  engine = await privateEngine()
})
beforeEach(() => {
  temporary = mkdtempSync(join(engine.dir, 'd-'))
})

function demo(host: string, wrapper: string[] = [], more: Record<string, string> = {}): Running {
  const { env, clear } = surroundings({ DOCKER_HOST: host, TMPDIR: temporary, ...more })
  const running = launch([...wrapper, ...words], env)
  running.ended.finally(clear).catch(() => {})
  return running
}

async function expectNothingLeft(): Promise<void> {
  const api = docker(engine.host)
  expect(await api.list()).toEqual([])
  expect(await api.call('GET', '/images/json?all=1')).toEqual([])
  expect(readdirSync(temporary)).toEqual([])
}

test('runs the known line on the engine that is there', async () => {
  const { code, stdout, stderr } = await demo(engine.host).ended
  expect(stderr).toBe('')
  expect(stdout.toString()).toContain('\n$ docker-bash `dl` echo hello world\nhello world\n')
  expect(stdout.toString()).toContain(`engine     ${engine.host} (DOCKER_HOST)\n`)
  expect(stdout.toString()).toMatch(/\nremoved {4}container, image\n$/)
  expect(code).toBe(0)
  await expectNothingLeft()
})

test('starts an engine of its own where there is none', async () => {
  const { code, stdout } = await demo(nowhere).ended
  expect(stdout.toString()).toContain('no engine at unix:///nowhere/docker.sock')
  expect(stdout.toString()).toContain('\n$ docker-bash `dl` echo hello world\nhello world\n')
  expect(stdout.toString()).toMatch(/\nremoved {4}container, image, engine\n$/)
  expect(code).toBe(0)
  await expectNothingLeft()
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('stopped by %s ends with %i', async (signal, expected) => {
  const child = demo(engine.host)
  await child.said(/^container {2}/m)
  child.kill(signal)
  expect((await child.ended).code).toBe(expected)
  await expectNothingLeft()
})

test('stopped while its own engine starts, takes it down', async () => {
  const child = demo(nowhere)
  await child.said(/private one is started/)
  child.kill('SIGINT')
  expect((await child.ended).code).toBe(130)
  await expectNothingLeft()
})

test('killed, its own engine goes all the same', async () => {
  const child = demo(nowhere)
  await child.said(/hello world\nhello world/)
  child.kill('SIGKILL')
  const engines = () => readdirSync(temporary).filter((name) => name.includes('engine'))
  await until(
    () => engines().length === 0,
    10_000,
    () => `still there: ${engines()}`,
  )
})

describe('at a terminal', () => {
  const open = () => openTerminal({ command: words, env: { DOCKER_HOST: engine.host, TMPDIR: temporary }, rows: 50 })
  const prompt = /^\$ docker-bash docker-bash-demo-\w+\n(.*\n)*.*#$/m

  test('opens the shell, and ends with it', async () => {
    const terminal = await open()
    await terminal.until(prompt, 30_000)
    await terminal.type('echo in $((40 + 2))\n')
    await terminal.until(/^in 42$/m)
    await terminal.type('exit 3\n')
    await terminal.until(/^removed {4}container, image$/m)
    expect(await terminal.exit()).toEqual({ code: 0 })
    await expectNothingLeft()
  })

  test('cleans up when the window is closed', async () => {
    const terminal = await open()
    await terminal.until(prompt, 30_000)
    await terminal.kill()
    await until(
      () => readdirSync(temporary).length === 0,
      10_000,
      () => 'its folder is still there',
    )
    await expectNothingLeft()
  })
})

/** In a user namespace with nobody mapped into it we are no longer root, but may read the same files. */
const unprivileged = ['unshare', '--user']

describe('where it cannot go on', () => {
  test('says that there is no engine, and what to do', async () => {
    const { code, stdout, stderr } = await demo(nowhere, unprivileged).ended
    expect(stdout.toString()).toBe('')
    expect(stderr).toMatch(
      /^demo: no engine at unix:\/\/\/nowhere\/docker\.sock \(from DOCKER_HOST\): .*\n {2}.*run the demo as root.*\n$/,
    )
    expect(code).toBe(1)
    await expectNothingLeft()
  })

  test('names the package that is missing', async () => {
    const bin = scratch('bin')
    symlinkSync(process.execPath, join(bin, 'node'))
    const { code, stderr } = await demo(engine.host, ['/usr/bin/unshare', '--user'], { PATH: bin }).ended
    expect(stderr).toBe('demo: not installed: busybox\n  as root: apt-get install busybox-static\n')
    expect(code).toBe(1)
    await expectNothingLeft()
  })
})
