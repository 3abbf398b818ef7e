import { spawnSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { findProgram } from '../../../scripts/packages.mjs'
import { quote, quoteAll } from '../../../src/lib/text/quote'
import { temporary } from '../../support/temporary'

const program = (name: string) => findProgram(name) ?? `no ${name} here`
const shells: Record<string, readonly string[]> = {
  sh: [program('sh'), '-c'],
  dash: [program('dash'), '-c'],
  bash: [program('bash'), '-c'],
  busybox: [program('busybox'), 'sh', '-c'],
  zsh: [program('zsh'), '-c'],
  'zsh with two quotes for one': [program('zsh'), '-o', 'rcquotes', '-o', 'extendedglob', '-c'],
}

/** Any text without NUL, with more than its share of what shells care for. */
const word = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
  fc.string({
    unit: fc.constantFrom(
      "'",
      '"',
      '\\',
      '$',
      '`',
      '!',
      '\n',
      ' ',
      '~',
      '=',
      '#',
      '*',
      '[',
      '{',
      ';',
      '&',
      '|',
      '<',
      '-',
      'a',
      '\r',
      '\t',
      '\x7f',
    ),
  }),
)

/** With a socket for input, bash would take us for sshd and read ~/.bashrc. */
const quiet = { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'] }

const folder = temporary('quote')
// What prints its arguments is not a shell, and is named by a path that needs quotes itself.
const printer = join(folder, "it's a printer")
symlinkSync(process.execPath, printer)

describe.each(Object.entries(shells))('%s', (_name, [command = '', ...options]) => {
  test('takes the words apart just as they were', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 40 }), (words) => {
        const line = quoteAll(['printf', '%s\\0', ...words])
        const { stdout, stderr, status } = spawnSync(command, [...options, line], quiet)
        expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' })
        expect(stdout.toString().split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 60 },
    )
  })

  test('runs a program whose name needs quotes, and loses no byte', () => {
    const words = [printer, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '', "a'b", '\n', 'ü']
    const { stdout } = spawnSync(command, [...options, `exec ${quoteAll(words)}`], quiet)
    expect(JSON.parse(stdout.toString())).toEqual(words.slice(3))
  })
})

test('harmless words stay as they are, for logs to be read', () => {
  expect(quoteAll(['/bin/sh', '-c', 'a=b', "it's", ''])).toBe(`/bin/sh -c 'a=b' 'it'\\''s' ''`)
  expect(quote('-')).toBe('-')
})
