import { PerformanceObserver } from 'node:perf_hooks'
import { PassThrough } from 'node:stream'
import { sweep } from '../../../src/lib/transport/ssh/sweep'

/** How often V8 collects while so many MiB go through a stream, in fresh memory as ssh2 takes it. */
async function collections(mebibytes: number, swept: boolean): Promise<number> {
  let count = 0
  const observer = new PerformanceObserver((list) => {
    count += list.getEntries().length
  })
  observer.observe({ entryTypes: ['gc'] })
  const stream = new PassThrough()
  stream.on('data', () => undefined)
  if (swept) sweep(stream)
  for (let at = 0; at < mebibytes * 16; at++) {
    stream.write(Buffer.allocUnsafeSlow(64 * 1024))
    if (at % 16 === 0) await new Promise((go) => setImmediate(go))
  }
  await new Promise((go) => setTimeout(go, 20))
  observer.disconnect()
  return count
}

test('what a connection leaves behind is collected each few MiB, not each 32', async () => {
  const alone = await collections(128, false)
  expect(await collections(128, true)).toBeGreaterThan(alone + 128 / 8)
})
