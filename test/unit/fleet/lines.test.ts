import fc from 'fast-check'
import { Lines, longestLine } from '../../../src/lib/fleet/lines'

test('whatever the pieces it comes in, the lines are the same, and no byte is lost', () => {
  const line = fc.string({ unit: fc.constantFrom('a', '\r', 'ä', '\x1b'), maxLength: 30 })
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), (all, cuts) => {
      const bytes = Buffer.from(all.join('\n'))
      const lines = new Lines()
      const out = []
      let at = 0
      for (const cut of cuts) {
        out.push(...lines.take(bytes.subarray(at, at + cut)))
        at = Math.min(bytes.length, at + cut)
      }
      out.push(...lines.take(bytes.subarray(at)), ...lines.rest())
      const text = out.map(({ bytes: one, whole }) => `${one}${whole ? '\n' : ''}`).join('')
      expect(text).toBe(bytes.toString())
      for (const { bytes: one } of out) expect(one.includes(0x0a)).toBe(false)
    }),
  )
})

test('a line that does not end comes in pieces, each but the first marked as going on', () => {
  const lines = new Lines()
  const out = [...lines.take(Buffer.alloc(longestLine * 2 + 5, 'x')), ...lines.take(Buffer.from('y\nz\n'))]
  expect(out.map(({ bytes, whole, continues }) => [bytes.length, whole, continues])).toEqual([
    [longestLine, false, false],
    [longestLine, false, true],
    [6, true, true],
    [1, true, false],
  ])
  expect(lines.rest()).toEqual([])
})
