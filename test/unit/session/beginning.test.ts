import { DockerBashError } from '../../../src/lib/errors'
import { begins, shortly } from '../../../src/lib/session/beginning'

const never = () => new Promise<never>(() => undefined)
const idle = () => new AbortController().signal

test('what begins in time is handed on', async () => {
  await expect(begins(Promise.resolve(7), idle(), 'web')).resolves.toBe(7)
  await expect(begins(Promise.reject(new Error('no')), idle(), 'web')).rejects.toThrow('no')
})

test('what does not begin is said', async () => {
  const words = 'nothing in web answered for 0.02 s: the command did not begin'
  await expect(begins(never(), idle(), 'web', 20)).rejects.toThrow(words)
})

test('a signal ends the wait with its own reason, now or before', async () => {
  const control = new AbortController()
  const reason = new DockerBashError('', { code: 143 })
  const wait = begins(never(), control.signal, 'web')
  control.abort(reason)
  await expect(wait).rejects.toBe(reason)
  await expect(begins(never(), control.signal, 'web')).rejects.toBe(reason)
})

test('many may wait for one signal, and none is left with it', async () => {
  const warned = jest.fn()
  process.on('warning', warned)
  const { signal } = new AbortController()
  for (let time = 0; time < 20; time++) await begins(Promise.resolve(), signal, 'web')
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', warned)
  expect(warned).not.toHaveBeenCalled()
})

test('what clears up is not waited for for ever', async () => {
  await shortly(never(), 10)
  await shortly(Promise.reject(new Error('gone')), 10_000)
})
