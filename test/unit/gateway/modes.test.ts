import { modeWords } from '../../../src/lib/gateway/modes'
import { Fields } from '../../../src/lib/ssh/server/fields'

const words = (...bytes: number[]) => modeWords(new Fields(Buffer.from(bytes)))

test('what a new terminal has anyway is left out', () => {
  expect(words(3, 0, 0, 0, 127, 53, 0, 0, 0, 1, 128, 0, 0, 0x96, 0, 0)).toEqual([])
})

test('characters as every stty reads them, flags on and off', () => {
  expect(
    words(1, 0, 0, 0, 7, 3, 0, 0, 0, 8, 2, 0, 0, 0, 255, 10, 0, 0, 0, 35, 53, 0, 0, 0, 0, 42, 0, 0, 0, 1, 0),
  ).toEqual([...['intr', '^G', 'erase', '^H', 'quit', 'undef', 'susp', '#', '-echo', 'iutf8']])
})

test('an end, and what cannot be read, ends them', () => {
  expect(words(0, 53, 0, 0, 0, 0)).toEqual([])
  expect(words(200, 53, 0, 0, 0, 0)).toEqual([])
  expect(words(53, 0, 0)).toEqual([])
})
