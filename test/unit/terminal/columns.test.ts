import { cut, padded, widthOf } from '../../../src/lib/terminal/columns'

test('columns: wide characters take two, marks none', () => {
  expect(widthOf('abc')).toBe(3)
  expect(widthOf('日本')).toBe(4)
  expect(widthOf('e\u0301')).toBe(1)
  expect(widthOf('🚀')).toBe(2)
})

test('a cut text fits, and says that it was cut', () => {
  expect(cut('abcdef', 6)).toBe('abcdef')
  expect(cut('abcdef', 5)).toBe('abcd…')
  expect(cut('日本語', 4)).toBe('日…')
  expect(cut('abc', 0)).toBe('')
  expect(padded('日', 4)).toBe('日  ')
})
