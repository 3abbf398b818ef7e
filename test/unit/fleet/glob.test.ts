import { globOf, isGlob } from '../../../src/lib/fleet/glob'

test.each([
  ['web-*', ['web-1', 'web-'], ['web', 'xweb-1']],
  ['web-?', ['web-1'], ['web-', 'web-12']],
  ['db-[0-3]', ['db-0', 'db-3'], ['db-4', 'db-[0-3]']],
  ['db-[!0-3]', ['db-4'], ['db-0']],
  ['a.b*', ['a.b', 'a.bc'], ['axb']],
  ['*', ['anything.at_all'], []],
  ['a*b*c', ['abc', 'aXbYc', 'abcbc', 'aabbcc'], ['acb', 'ab', 'abcd']],
  ['*[ab]*1*2', ['xb_1_12', 'a12'], ['a21', 'c12']],
  ['[*]', ['*'], ['x']],
  ['web-[', ['web-['], ['web-1']],
])('%s', (pattern, fits, not) => {
  expect(isGlob(pattern)).toBe(true)
  for (const name of fits) expect([name, globOf(pattern).test(name)]).toEqual([name, true])
  for (const name of not) expect([name, globOf(pattern).test(name)]).toEqual([name, false])
})

test('a name is not a pattern', () => {
  expect(isGlob('web-1.a_b')).toBe(false)
})

test('many stars take no time for a name that almost fits', () => {
  const from = process.cpuUsage()
  expect(globOf(`${'*a'.repeat(20)}*b`).test('a'.repeat(5000))).toBe(false)
  expect(process.cpuUsage(from).user).toBeLessThan(500_000)
})
