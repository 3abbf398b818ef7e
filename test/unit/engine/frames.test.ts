import fc from 'fast-check'
import { frames, type Source } from '../../../src/lib/engine/frames'

const frame = (source: Source, bytes: Uint8Array) => {
  const header = Buffer.from([source === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

test('any frames come out whole however the stream is cut', () => {
  const sent = fc.array(fc.tuple(fc.constantFrom<Source>('stdout', 'stderr'), fc.uint8Array({ maxLength: 50 })))
  fc.assert(
    fc.property(sent, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (wanted, cuts) => {
      const stream = Buffer.concat(wanted.map(([source, bytes]) => frame(source, bytes)))
      const got: Record<Source, Buffer[]> = { stdout: [], stderr: [] }
      const take = frames((source, bytes) => got[source].push(bytes))
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const length = cuts[turn % cuts.length] ?? 1
        take(stream.subarray(at, at + length))
        at += length
      }
      for (const source of ['stdout', 'stderr'] as const) {
        const all = wanted.filter(([to]) => to === source).map(([, bytes]) => bytes)
        expect(Buffer.concat(got[source])).toEqual(Buffer.concat(all))
      }
    }),
  )
})

test('bytes are not copied', () => {
  const chunk = frame('stdout', Buffer.from('hello'))
  let got: Buffer | undefined
  frames((_, bytes) => {
    got = bytes
  })(chunk)
  expect(got?.buffer).toBe(chunk.buffer)
})

test('what is not a frame is an error, not output', () => {
  expect(() => frames(() => undefined)(Buffer.from('HTTP/1.1 500'))).toThrow('garbled')
})
