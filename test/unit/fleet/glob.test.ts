import { globOf, isGlob } from '../../../src/lib/fleet/glob'

test.each([
  ['web-*', ['web-1', 'web-'], ['web', 'xweb-1']],
  ['web-?', ['web-1'], ['web-', 'web-12']],
  ['db-[0-3]', ['db-0', 'db-3'], ['db-4', 'db-[0-3]']],
  ['db-[!0-3]', ['db-4'], ['db-0']],
  ['a.b*', ['a.b', 'a.bc'], ['axb']],
  ['*', ['anything.at_all'], []],
  ['web-[', ['web-['], ['web-1']],
])('%s', (pattern, fits, not) => {
  expect(isGlob(pattern)).toBe(true)
  for (const name of fits) expect([name, globOf(pattern).test(name)]).toEqual([name, true])
  for (const name of not) expect([name, globOf(pattern).test(name)]).toEqual([name, false])
})

test('a name is no pattern', () => {
  expect(isGlob('web-1.a_b')).toBe(false)
})
