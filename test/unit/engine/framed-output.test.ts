import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { FramedOutput } from '../../../src/lib/engine/framed-output'

function frame(source: number, bytes: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head[0] = source
  head.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([head, bytes])
}

test('stdout alone comes, and its end', async () => {
  const stream = new PassThrough()
  const output = new FramedOutput(stream)
  stream.end(Buffer.concat([frame(1, Buffer.from('a')), frame(2, Buffer.from('no')), frame(1, Buffer.from('b'))]))
  expect(Buffer.concat(await output.toArray()).toString()).toBe('ab')
})

test('while it is not read the stream waits', async () => {
  const stream = new PassThrough({ highWaterMark: 64 * 1024 })
  const output = new FramedOutput(stream)
  const one = frame(1, Buffer.alloc(60_000))
  let written = 0
  const more = () => {
    while (written < 100) {
      written++
      if (!stream.write(one)) return void stream.once('drain', more)
    }
    stream.end()
  }
  more()
  // Whatever would still be taken is taken by then.
  for (let turn = 0; turn < 1000; turn++) await new Promise(setImmediate)
  expect(written).toBeLessThan(20)
  let size = 0
  output.on('data', ({ length }: Buffer) => (size += length))
  await once(output, 'end')
  expect(size).toBe(100 * 60_000)
})

test('a stream that ends in between, or is none of an engine’s, is the end of it', async () => {
  const cut = new PassThrough()
  const output = new FramedOutput(cut)
  cut.destroy()
  expect(await output.toArray()).toEqual([])
  const garbled = new PassThrough()
  const other = new FramedOutput(garbled)
  garbled.write(frame(9, Buffer.alloc(1)))
  await expect(other.toArray()).rejects.toThrow('garbled')
  expect(garbled.destroyed).toBe(true)
})
