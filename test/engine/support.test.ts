/** The tests' own support, tried on real things: what the other tests stand on. */

import { existsSync, readdirSync } from 'node:fs'
import { ended } from '../../scripts/proc.mjs'
import { launch } from '../support/child'
import { start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { type ImageName, images, privateEngine, sharedEngine } from '../support/engine'
import { within } from '../support/environment'
import { slowness } from '../support/pace'
import { processesOf, waitForProcess, waitGone } from '../support/processes'
import { ensureSshdImage } from '../support/sshd'
import { openTerminal } from '../support/tmux'
import { until } from '../support/until'

describe('the shared engine', () => {
  test.each(Object.keys(images) as ImageName[])('has %s, and a container of it runs and goes', async (image) => {
    const api = docker()
    if (image === 'sshd') await ensureSshdImage()
    const { id, name, remove } = await container({ image })
    expect(await api.inspect(id)).toMatchObject({ Name: `/${name}`, State: { Running: true } })
    await remove()
    expect((await api.list()).map(({ Id }) => Id)).not.toContain(id)
  })

  test('runs commands inside and tells their streams and code', async () => {
    const { id } = await container({ image: 'busybox', user: '65534' })
    const answer = await docker().inside(id, ['sh', '-c', 'id -u; echo no >&2; exit 7'])
    expect(answer).toEqual({ code: 7, stdout: '65534\n', stderr: 'no\n' })
  })

  test('is stopped by SIGTERM at once where its first process is one of ours', async () => {
    const { id } = await container({ image: 'debian' })
    const from = Date.now()
    await docker().act('stop', id, 't=10')
    expect(Date.now() - from).toBeLessThan(5_000 * (await slowness()))
  })

  test('has containers whose addresses are reached from inside its network namespace', async () => {
    const { id } = await container({ image: 'busybox', network: true, cmd: ['sh', '-c', 'nc -l -p 7 -e echo hello'] })
    const { IPAddress } = (await docker().inspect(id)).NetworkSettings.Networks.bridge ?? { IPAddress: '' }
    const words = within(sharedEngine(), ['busybox', 'timeout', '5', 'busybox', 'nc', IPAddress, '7'])
    await waitForProcess(id, /^nc/)
    expect((await launch(words, { PATH: process.env.PATH ?? '' }).ended).stdout.toString()).toBe('hello\n')
  })
})

test('processes in a container are seen from outside, and their end too', async () => {
  const { id } = await container({ image: 'bare' })
  expect((await processesOf(id)).map(({ line, insidePid }) => [line, insidePid])).toEqual([['/bare sleep', 1]])
  const { id: other } = await container({ image: 'busybox', cmd: ['sh', '-c', 'sleep 0.3 & exec sleep 1000'] })
  await waitForProcess(other, /^sleep 0\.3$/)
  expect(await waitGone(other, /^sleep 0\.3$/)).toBeGreaterThan(0)
  await expect(waitGone(other, /^sleep 1000$/, 100)).rejects.toThrow(/not within \d+ ms(.|\n)*sleep 1000/)
})

describe('a child that a test does not end', () => {
  let pid = 0
  let ownFiles = 0
  beforeAll(() => {
    ownFiles = launch(['sleep', '7031'], { PATH: process.env.PATH ?? '' }).pid
  })
  afterAll(() => process.kill(ownFiles, 'SIGKILL'))
  test('is there as long as the test', async () => {
    const { name } = await container({ image: 'busybox', hostConfig: { NetworkMode: 'none' } })
    const running = start(['forward', '--reconnect', name, '0:80'])
    await running.said(/ -> /)
    pid = running.pid
    expect(ended(pid)).toBe(false)
  })
  test('is gone in the next; one that began before all tests is not', () => {
    expect([ended(pid), ended(ownFiles)]).toEqual([true, false])
  })
})

describe('a terminal', () => {
  test('types, shows, resizes, and tells how its program ended', async () => {
    const terminal = await openTerminal({ columns: 100, rows: 30 })
    await terminal.until(/^\$$/m)
    await terminal.type('stty size; echo "C-c \\$HOME"')
    await terminal.keys('Enter')
    await terminal.until(/^30 100\nC-c \$HOME$/m)
    await terminal.resize(70, 20)
    await terminal.type('stty size\n')
    await terminal.until(/^20 70$/m)
    await terminal.type('sleep 1000\n')
    await terminal.keys('C-c')
    await terminal.until(/\^C/)
    await terminal.type('exit 3\n')
    expect(await terminal.exit()).toEqual({ code: 3 })
  })

  test('hangs up when it is closed', async () => {
    const terminal = await openTerminal({ command: ['sleep', '1000'] })
    expect(ended(terminal.pid)).toBe(false)
    await terminal.kill()
    await until(
      () => ended(terminal.pid),
      2_000,
      () => 'its program still runs',
    )
  })
})

describe('a child', () => {
  const env = { PATH: process.env.PATH ?? '' }
  const bash = (line: string, options = {}) => launch(['bash', '-c', line], env, options)

  test('gets its input, and its code, signal and output are told', async () => {
    expect(await bash('cat; echo no >&2; exit 7', { input: 'yes' }).ended).toEqual({
      code: 7,
      signal: null,
      stdout: Buffer.from('yes'),
      stderr: 'no\n',
    })
    expect(await bash('kill -TERM $$').ended).toMatchObject({ code: null, signal: 'SIGTERM' })
  })

  test('is heard while it runs', async () => {
    const child = bash('echo ready; read word; echo "$word" >&2', { input: 'open' })
    expect(await child.said(/ready/)).toBe('ready\n')
    child.stdin.write('go\n')
    await child.said(/go/, 'stderr')
    expect((await child.ended).code).toBe(0)
    await expect(child.said(/more/, 'stdout', 100)).rejects.toThrow(/without .more.; it said:\nready/)
  })

  test('is killed when its time is up or its signal comes', async () => {
    const late = bash('echo $$; exec sleep 1000', { timeoutMs: 300 })
    await expect(late.ended).rejects.toThrow(/not ended after 300 ms/)
    expect(ended(late.pid)).toBe(true)
    const abort = new AbortController()
    const stopped = bash('exec sleep 1000', { signal: abort.signal })
    abort.abort()
    expect((await stopped.ended).signal).toBe('SIGKILL')
  })

  test('tells the most memory it held', async () => {
    const script = 'Buffer.alloc(300e6, 1); setTimeout(() => {}, 100)'
    const { maxRssKb } = await launch([process.execPath, '-e', script], env, { memory: true }).ended
    expect(maxRssKb).toBeGreaterThan(300_000)
    expect(maxRssKb).toBeLessThan(450_000)
  })
})

describe('a private engine', () => {
  test('restarts on the same socket, and is gone without a trace after stop', async () => {
    const engine = await privateEngine(['busybox'], { tls: true })
    const api = docker(engine.host)
    const { id } = await container({ image: 'busybox', on: api })
    const before = engine.pid
    await engine.restart()
    expect(engine.pid).not.toBe(before)
    expect((await api.inspect(id)).State.Running).toBe(false)
    await engine.stop()
    expect(ended(engine.pid)).toBe(true)
    expect(existsSync(engine.dir)).toBe(false)
  })

  test('keeps its containers over a restart with --live-restore, and is taken down whole after a kill', async () => {
    const engine = await privateEngine(['busybox'], { args: ['--live-restore'] })
    const api = docker(engine.host)
    const { id } = await container({ image: 'busybox', on: api })
    const { Pid } = (await api.inspect(id)).State
    await engine.restart()
    expect((await api.inspect(id)).State).toMatchObject({ Running: true, Pid })
    await engine.kill()
    expect(ended(Pid)).toBe(false)
    await engine.stop()
    expect(ended(Pid)).toBe(true)
    expect(existsSync(engine.dir)).toBe(false)
    expect(readdirSync('/sys/fs/cgroup').filter((part) => existsSync(`/sys/fs/cgroup/${part}/docker/${id}`))).toEqual(
      [],
    )
  })
})
