import fc from 'fast-check'
import { safe } from '../../../src/lib/text/escape-controls'
import { since } from '../../../src/lib/text/time'

describe('safe', () => {
  test.each([
    ['\x1b[31mred\x07', '\\x1b[31mred\\x07'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\x9b1m', '\\x9b1m'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['\u{e0041}tag', '\\u{e0041}tag'],
    ['\ud800', '\\ud800'],
    ['ünïcödé 日本語 🐳', 'ünïcödé 日本語 🐳'],
  ])('%j is printed as %j', (given, printed) => {
    expect(safe(given)).toBe(printed)
  })
  test('leaves nothing a terminal could act on, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(safe(text)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
      }),
    )
  })
})

test.each([
  [0, '0 seconds'],
  [1_999, '1 second'],
  [61_000, '1 minute'],
  [7_300_000, '2 hours'],
  [90_000_000, '1 day'],
  [-5_000, '0 seconds'],
])('%d ms ago is %s', (ago, text) => {
  expect(since(1e12 - ago, 1e12)).toBe(text)
})
