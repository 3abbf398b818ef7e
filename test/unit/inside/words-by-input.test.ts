import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { asLines, takeWords } from '../../../src/lib/inside/words-by-input'

/** What a shell makes of them, and what it leaves of its input. */
function taken(shell: readonly string[], words: readonly string[], behind = ''): string[] {
  const [program = '', ...flags] = shell
  const script = `${takeWords} for w do printf '%s\\0' "$w"; done; printf '%s\\0' "$(cat; echo .)"`
  const out = execFileSync(program, [...flags, '-c', script, 'tag'], { input: `${asLines(words)}${behind}` }).toString()
  return out.split('\0').slice(0, -1)
}
const shells = [['dash'], ['bash'], ['busybox', 'sh']]

test.each(shells.map((shell) => [shell]))('%p takes words as they are, and no byte more', (shell) => {
  const words = [
    '',
    'plain',
    ' two  words ',
    'a\nb\n',
    '\\0101\\',
    '%s+,.',
    '\x03\x04\x7f\r',
    'ä€😀',
    '+',
    '.',
    ',',
    '-n',
    '\n',
  ]
  expect(taken(shell, words, 'of the command\n')).toEqual([...words, 'of the command\n.'])
  const long = ['x'.repeat(100_000), `${'y'.repeat(1999)}\n${'z'.repeat(3000)}`, 'ü'.repeat(3000)]
  expect(taken(shell, long)).toEqual([...long, '.'])
  const text = fc.array(fc.string({ unit: 'binary' }).filter((word) => !/[\0\ud800-\udfff]/.test(word)))
  fc.assert(
    fc.property(text, (some) => {
      expect(taken(shell, some)).toEqual([...some, '.'])
    }),
    { numRuns: 20 },
  )
})

test('no line is longer than a terminal takes, and all is printable', () => {
  for (const line of asLines(['x'.repeat(10_000), '\x00'.repeat(5000)]).split('\n')) {
    expect(line.length).toBeLessThan(4000)
    expect(line).toMatch(/^[ -~]*$/)
  }
})

test('an input that ends before is not a session', () => {
  const half = asLines(['one', 'two']).slice(0, -3)
  expect(() => execFileSync('dash', ['-c', `${takeWords} echo begun`], { input: half, stdio: 'pipe' })).toThrow(
    expect.objectContaining({ status: 129 }),
  )
})
