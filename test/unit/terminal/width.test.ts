import fc from 'fast-check'
import { cut, padded, widthOf } from '../../../src/lib/terminal/width'

test.each([
  ['', 0],
  ['abc', 3],
  ['é', 1],
  ['e\u0301', 1],
  ['日本', 4],
  ['ｆｕｌｌ', 8],
  ['한국', 4],
  ['🚀', 2],
  ['👩‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['\x1b[31mred\x1b[39m', 3],
  ['✓ … ·', 5],
])('%j takes %d columns', (text, columns) => {
  expect(widthOf(text)).toBe(columns)
})

test.each([
  ['abcdef', 6, 'abcdef', 'abcdef'],
  ['abcdef', 5, 'abcd…', '…cdef'],
  ['abc', 1, '…', '…'],
  ['abc', 0, '', ''],
  ['日本語', 4, '日…', '…語'],
  ['ae\u0301bc', 3, 'ae\u0301…', '…bc'],
  ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…', '…👩‍👩‍👧'],
])('%j cut to %d columns keeps whole characters, and a sign says that it was cut', (text, columns, end, start) => {
  expect([cut(text, columns), cut(text, columns, 'start')]).toEqual([end, start])
})

test('a text is cut without a sign where there is to be none', () => {
  expect([cut('abcdef', 4, 'end', ''), cut('日本語', 5, 'end', '')]).toEqual(['abcd', '日本'])
})

test('blanks fill a column, whatever a text is written in', () => {
  expect([padded('日', 4), padded('ab', 4), padded('abcde', 4)]).toEqual(['日  ', 'ab  ', 'abcde'])
})

test('a cut text fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, columns) => {
      expect(widthOf(cut(text, columns))).toBeLessThanOrEqual(columns)
      expect(widthOf(cut(text, columns, 'start'))).toBeLessThanOrEqual(columns)
    }),
  )
})
