import { parseHost } from '../../../src/lib/engine/endpoint'
import { patienceWith, Waits } from '../../../src/lib/engine/patience'

const there = parseHost('tcp://engine:2375', '-H')
const asked = { method: 'GET', path: '/v1.47/containers/json?all=1' } as const
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function waits(tellMs: number, giveUpMs: number) {
  const tell = jest.fn()
  return { tell, waits: new Waits(there, { tellMs, giveUpMs, tell }) }
}

test('after three seconds it is said, after thirty it is given up; by ssh there is a login before', () => {
  expect(patienceWith(there)).toEqual({ tellMs: 3000, giveUpMs: 30_000 })
  expect(patienceWith(parseHost('ssh://root@engine', '-H')).giveUpMs).toBe(60_000)
})

test('many wait, and one hears of it; all are ended', async () => {
  const { tell, waits: all } = waits(5, 30)
  const ends = [1, 2, 3].map(() => new Promise((settle) => all.watch(asked, settle)))
  const errors = await Promise.all(ends)
  expect(tell.mock.calls).toEqual([['waiting for the engine at tcp://engine:2375 (the list of containers)']])
  expect(errors.map(String)).toEqual(
    Array(3).fill(
      'DockerBashError: the engine at tcp://engine:2375 has not answered for 0.03 s (the list of containers)',
    ),
  )
})

test('of what was answered, and of what a session asks, nothing is said', async () => {
  const { tell, waits: all } = waits(5, 10_000)
  const giveUp = jest.fn()
  all.watch(asked, giveUp)(true)
  const stop = all.watch({ ...asked, quiet: true }, giveUp)
  await rest(30)
  stop(false)
  expect(tell).not.toHaveBeenCalled()
  expect(giveUp).not.toHaveBeenCalled()
})

test('what takes long goes on for as long as the engine shows a sign of life', async () => {
  const { waits: all } = waits(2, 5)
  const giveUp = jest.fn()
  const ping = jest.fn().mockResolvedValue('OK')
  const stop = all.watchLong(ping, giveUp)
  while (ping.mock.calls.length < 3) await rest(5)
  expect(giveUp).not.toHaveBeenCalled()
  const silence = new Error('silence')
  ping.mockRejectedValue(silence)
  while (giveUp.mock.calls.length === 0) await rest(5)
  expect(giveUp).toHaveBeenCalledWith(silence)
  stop(true)
})

test('one that answers other questions does not hang, and what it refuses is an answer', async () => {
  const { tell, waits: all } = waits(500, 1000)
  const giveUp = jest.fn()
  const from = performance.now()
  const stop = all.watch(asked, giveUp)
  while (performance.now() - from < 1500) {
    all.watch(asked, giveUp)(true)
    await rest(5)
  }
  expect(tell).not.toHaveBeenCalled()
  // One that nobody waits for any more is none.
  const left = performance.now()
  while (giveUp.mock.calls.length === 0) {
    all.watch(asked, giveUp)(false)
    await rest(5)
  }
  expect(performance.now() - left).toBeGreaterThan(900)
  expect(tell).toHaveBeenCalledTimes(1)
  stop(false)
})
