/** What goes wrong in mid-session. */
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { privateEngine, sharedEngine } from '../support/engine'
import { waitForProcess } from '../support/processes'
import { openTerminal } from '../support/tmux'

test('an engine that is killed, and one that is restarted: 255, and the reason', async () => {
  const engine = await privateEngine(['busybox'])
  const api = docker(engine.host)
  for (const blow of ['kill', 'restart'] as const) {
    const { id, name } = await container({ image: 'busybox', on: api })
    const running = start(['--via', 'exec', name, 'sh', '-c', 'echo ready; sleep 7100'], {
      place: engine,
      timeoutMs: 60_000,
    })
    await running.said(/ready/)
    await waitForProcess(id, /^sleep 7100$/, 5_000, api)
    await engine[blow]()
    const { code, stderr } = await running.ended
    expect(code === 255 || (blow === 'restart' && code === 137)).toBe(true)
    if (code === 255) expect(stderr).toMatch(new RegExp(`^docker-bash: lost ${name}: .`, 'm'))
    if (blow === 'kill') await engine.restart()
  }
})

test('an engine that is killed leaves the terminal as it was', async () => {
  const engine = await privateEngine(['busybox'])
  const { id, name } = await container({ image: 'busybox', on: docker(engine.host) })
  const terminal = await openTerminal({ place: engine })
  await terminal.type(
    `stty -g >before; docker-bash --via exec ${name} sleep 7101; echo code $?; stty -g | diff before - && echo same`,
  )
  await terminal.keys('Enter')
  await waitForProcess(id, /^sleep 7101$/, 10_000, docker(engine.host))
  await engine.kill()
  const screen = await terminal.until(/^same$/m)
  expect(screen).toMatch(/code 255/)
  await terminal.kill()
})

test('a container that is removed ends the session', async () => {
  const { name, remove } = await container({ image: 'busybox' })
  const running = start(['--via', 'exec', name, 'sh', '-c', 'echo ready; sleep 7102'])
  await running.said(/ready/)
  await remove()
  const { code } = await running.ended
  // The engine may still know that it was killed; it may as well have forgotten.
  expect([137, 255]).toContain(code)
})

test('no process left under the pids limit: the command runs, and -v says that nothing guards it', async () => {
  const { name } = await container({ image: 'busybox', cmd: ['sleep', '1000'], hostConfig: { PidsLimit: 40 } })
  expect((await run(['--via', 'exec', name, 'echo', 'in'])).stdout.toString()).toBe('in\n')
})

test('a slow reader past the spool: a warning, and nothing is lost', async () => {
  const { name } = await container({ image: 'busybox' })
  const size = 300 * 1024 ** 2
  const running = start(['--via', 'exec', name, 'head', '-c', String(size), '/dev/zero'], {
    collect: false,
    timeoutMs: 90_000,
  })
  await running.said(/the spool is full/, 'stderr', 60_000)
  let got = 0
  for await (const chunk of running.stdout) got += chunk.length
  expect(got).toBe(size)
  expect((await running.ended).code).toBe(0)
})

test('the engine of all tests is still there', async () => {
  expect((await run(['ls'], { place: sharedEngine() })).code).toBe(0)
})

test('a shell that is none: its endless words are bounded, and the error says so', async () => {
  const { id, name } = await container({ image: 'debian' })
  const liar = '#!/bin/dash\\nwhile :; do echo not a shell at all; done\\n'
  expect(
    (await docker().inside(id, ['dash', '-c', `rm /bin/sh && printf '${liar}' >/bin/sh && chmod +x /bin/sh`])).code,
  ).toBe(0)
  const { code, stdout, stderr } = await run(['--via', 'exec', name, 'true'])
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
  expect(stderr).toMatch(/more than 1 MiB came from .+ before the command began/)
})

test('detach keys leave the session, and its code is then unknown', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const command = ['docker-bash', '--via', 'exec', '--detach-keys', 'ctrl-x,d', name, 'sleep', '7103']
  const terminal = await openTerminal({ command })
  await waitForProcess(id, /^sleep 7103$/, 10_000)
  await terminal.keys('C-x', 'd')
  await terminal.until(/its detach keys were typed/)
  expect((await terminal.exit()).code).toBe(255)
})
