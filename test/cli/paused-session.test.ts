/** A container that is paused in mid-session takes no signal: whoever sends one is not kept waiting. */
import { run, start } from '../support/cli'
import { docker } from '../support/docker-api'
import { slowness } from '../support/pace'
import { waitForProcess, waitGone } from '../support/processes'
import { sshdContainer, testKey } from '../support/sshd'

const key = testKey()

test.each([
  ['exec', []],
  ['runc', []],
  ['nsenter', []],
  ['debug', []],
  ['ssh', ['-i', key.path]],
])('by %s', async (via, flags) => {
  const { id, name } = await sshdContainer({ key })
  const words = ['--via', via, ...flags, '-n', name, 'sh', '-c', 'echo begun; exec sleep 7611']
  const session = async (ends: (running: ReturnType<typeof start>) => void, code: number, withinMs: number) => {
    const running = start(words, { timeoutMs: 60_000 })
    await running.said(/begun/, 'stdout', 30_000)
    await waitForProcess(id, /sleep 7611/)
    await docker().act('pause', id)
    const from = performance.now()
    ends(running)
    const how = await running.ended
    const took = performance.now() - from
    expect({ code: how.code ?? how.signal, stderr: how.stderr }).toEqual({
      code: how.code === null ? 'SIGTERM' : code,
      stderr: expect.stringMatching(`${name} is paused: what runs in it cannot take SIGTERM now`),
    })
    expect(took).toBeLessThan(withinMs * (await slowness()))
    await docker().act('unpause', id)
    await waitGone(id, /7611|docker-bash:/, 10_000)
  }
  await session((running) => running.kill('SIGTERM'), 143, 6000)
  // The second time it is meant.
  await session(
    (running) => {
      running.kill('SIGTERM')
      running.kill('SIGTERM')
    },
    143,
    4500,
  )
  expect((await run([...words.slice(0, -3), 'true'])).code).toBe(0)
})
