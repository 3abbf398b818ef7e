import { parseDuration } from '../../../src/lib/text/duration'

test.each([
  ['30s', 30_000],
  ['30', 30_000],
  ['500ms', 500],
  ['1.5s', 1500],
  ['1h30m', 5_400_000],
])('%s', (text, ms) => {
  expect(parseDuration(text, '--timeout')).toBe(ms)
})

test.each(['', '0', '-3s', '3d', 's', '1m30', '30 s', '1e9s', '99999h'])('%s is none', (text) => {
  expect(() => parseDuration(text, '--timeout')).toThrow(/invalid duration ".*" for --timeout/s)
})
