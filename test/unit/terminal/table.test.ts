import { inColumns, table } from '../../../src/lib/terminal/table'

test('a table has columns as wide as their widest cell, and hostile cells cannot leave theirs', () => {
  expect(
    table(
      ['A', 'LONG'],
      [
        ['x\n', 'y'],
        ['wide cell', 'z'],
        ['\x1b[31m', ''],
      ],
    ),
  ).toBe('A          LONG\nx\\n        y\nwide cell  z\n\\x1b[31m\n')
})

test('what stands behind wide characters, emoji and accents stands in line', () => {
  const rows = [
    ['日本語', 'a'],
    ['web', 'b'],
    ['🚀', 'c'],
    ['cafe\u0301', 'd'],
  ]
  expect(inColumns(rows)).toEqual(['日本語  a', 'web     b', '🚀      c', 'cafe\u0301    d'])
})

test('the widest column is cut first, then the least important goes', () => {
  const columns = [
    { head: 'NAME', least: 4 },
    { head: 'ID', leaveOut: 2 },
    { head: 'ENTER', leaveOut: 1 },
  ]
  const lines = (width?: number) =>
    table(columns, [['container', '123456', 'exec']], width)
      .trimEnd()
      .split('\n')
  expect(lines()).toEqual(['NAME       ID      ENTER', 'container  123456  exec'])
  expect(lines(19)).toEqual(['NAME  ID      ENTER', 'con…  123456  exec'])
  expect(lines(18)).toEqual(['NAME       ENTER', 'container  exec'])
  expect(lines(4)).toEqual(['NAME', 'con…'])
  expect(lines(2)).toEqual(['NA', 'co'])
})

test('wide characters are cut to columns of the terminal, at the end that is named', () => {
  const columns = [{ least: 4 }, { least: 4, cut: 'start' as const }]
  expect(inColumns([['日本語日本語', '語日本語日本']], columns, 14)).toEqual(['日本…   …日本'])
})
