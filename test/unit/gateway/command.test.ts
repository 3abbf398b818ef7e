import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { plainWords, scriptOf } from '../../../src/lib/gateway/command'

test('a command that is no UTF-8 is made anew by the shell, byte for byte', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((all) => Buffer.from(all.map((byte) => byte || 1)))
  fc.assert(
    fc.property(bytes, (argument) => {
      const quoted = Buffer.from(argument.toString('latin1').replaceAll("'", "'\\''"), 'latin1')
      const command = Buffer.concat([Buffer.from("printf %s '"), quoted, Buffer.from("\xff'", 'latin1')])
      const { stdout } = spawnSync('sh', ['-c', scriptOf(command)])
      expect(stdout.toString('hex')).toBe(`${argument.toString('hex')}ff`)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ['/bin/app --flag', ['/bin/app', '--flag']],
  ['  app \'a  b\' "c d"e  ', ['app', 'a  b', 'c de']],
  ["app ''", ['app', '']],
])('%j is plain', (text, words) => {
  expect(plainWords(Buffer.from(text))).toEqual(words)
})

test.each([
  '',
  'a; b',
  'a | b',
  'a $b',
  'a `b`',
  'a\nb',
  'a >b',
  'a *',
  'a ?',
  'a\\ b',
  '"$a"',
  "a 'b",
  'A=b c',
  'a ~',
  'a #b',
  'a &',
])('%j takes a shell', (text) => {
  expect(plainWords(Buffer.from(text))).toBeUndefined()
})
