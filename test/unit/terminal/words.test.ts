import { typedBytes } from '../../../src/lib/terminal/words'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const shown = (raw: string) => bytes(raw).toString()

test('words whose bytes Node replaced come from the kernel, each by its place', () => {
  const raw = ['node', 'run.js', 'cp', '-v', 'caf\xe9', 'caf\xff', '-n', 'web:/x\xe9', 'caf\xe9', '']
  const words = ['caf\xe9', 'caf\xff', 'web:/x\xe9', 'caf\xe9'].map(shown)
  expect(typedBytes(words, () => bytes(raw.join('\0')))).toEqual(['caf\xe9', 'caf\xff', 'web:/x\xe9', 'caf\xe9'])
})

test('what is UTF-8 is as it was; so is all where the kernel says nothing, or something else', () => {
  expect(
    typedBytes(['é', 'b'], () => {
      throw new Error('asked')
    }),
  ).toEqual(['\xc3\xa9', 'b'])
  expect(typedBytes(['\ufffd'], () => undefined)).toEqual(['\xef\xbf\xbd'])
  expect(typedBytes(['\ufffd'], () => bytes('node\0other\0'))).toEqual(['\xef\xbf\xbd'])
})
