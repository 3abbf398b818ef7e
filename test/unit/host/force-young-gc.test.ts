import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

/**
 * How often V8 collects while so many MiB go through a stream, in fresh memory as ssh2 takes it: in a process of its own,
 * where nothing else gives it a reason to.
 */
function collections(mebibytes: number, swept: boolean): number {
  const contents = `
    import { PerformanceObserver } from 'node:perf_hooks'
    import { PassThrough } from 'node:stream'
    import { sweep } from './src/lib/host/force-young-gc'
    let count = 0
    const observer = new PerformanceObserver((list) => { count += list.getEntries().length })
    observer.observe({ entryTypes: ['gc'] })
    const stream = new PassThrough()
    stream.on('data', () => undefined)
    if (${swept}) sweep(stream)
    for (let at = 0; at < ${mebibytes} * 16; at++) {
      stream.write(Buffer.allocUnsafeSlow(64 * 1024))
      if (at % 16 === 0) await new Promise((go) => setImmediate(go))
    }
    // Those of a moment ago are told in a turn of the loop to come.
    for (let turn = 0; turn < 100; turn++) await new Promise((go) => setImmediate(go))
    console.log(count)`
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: join(__dirname, '../../..'), loader: 'ts' },
    ...{ bundle: true, write: false, platform: 'node', format: 'esm' },
  })
  const options = { input: outputFiles[0]?.text ?? '', encoding: 'utf8' } as const
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-'], options)
  expect(stderr).toBe('')
  return Number(stdout)
}

test('what a connection leaves behind is collected each few MiB, not each 32', () => {
  const [alone, swept] = [collections(256, false), collections(256, true)]
  expect(alone).toBeLessThan(256 / 8)
  expect(swept).toBeGreaterThan(alone + 256 / 8)
})
