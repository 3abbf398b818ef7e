import fc from 'fast-check'
import { type CommandShapes, shield, unseal } from '../../src/lib/argv'

const enter = {
  flags: [
    { name: 'latest', char: 'l', value: false },
    { name: 'tty', char: 't', value: false },
    { name: 'user', char: 'u', value: true },
    { name: 'env', char: 'e', value: true },
    { name: 'json', value: false },
  ],
  takesWords: true,
  targetFlags: ['latest'],
}
const commands: CommandShapes = {
  enter,
  ls: { flags: [], takesWords: false, targetFlags: [] },
  key: { flags: [], takesWords: false, targetFlags: [] },
  'key install': { flags: [], takesWords: false, targetFlags: [] },
  debug: { ...enter, targetFlags: [] },
}
const cut = (...argv: string[]) => shield(argv, commands)
const word = fc.oneof(fc.string(), fc.constantFrom('-u', '--', '--help', '-', '--user=x', 'ls', 'enter', '-l', ''))

describe('every word behind TARGET', () => {
  test('arrives as it was typed, in order, repeated ones too', () => {
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const [command, sealed, target] = cut('web', ...words)
        expect([command, target]).toEqual(['enter', 'web'])
        expect(unseal(sealed ?? '')).toEqual(words)
      }),
    )
  })
  test('does so behind any flags of ours, behind `enter`, behind `--` and behind -l', () => {
    const flags = fc.constantFrom<string[]>([], ['-t'], ['-u', 'app'], ['-tu', 'app'], ['--user=app', '-e', 'A=-u'])
    fc.assert(
      fc.property(flags, fc.array(word), (given, words) => {
        const sealed = JSON.stringify(words)
        expect(cut(...given, 'web', ...words).slice(-2)).toEqual([sealed, 'web'])
        expect(cut('enter', ...given, 'ls', ...words).slice(-2)).toEqual([sealed, 'ls'])
        expect(cut(...given, '--', 'ls', ...words).slice(-2)).toEqual([sealed, 'ls'])
        expect(cut(...given, '-l', '--', ...words).at(-1)).toBe(sealed)
        expect(cut('debug', ...given, 'web', ...words).slice(-2)).toEqual([sealed, 'web'])
      }),
    )
  })
})

describe('flags before TARGET', () => {
  test('are handed on in the form that cannot be misread', () => {
    expect(cut('-tu', 'app', 'web')).toEqual(['enter', '--tty', '--user=app', '[]', 'web'])
    expect(cut('-uapp', 'web')).toEqual(['enter', '--user=app', '[]', 'web'])
    expect(cut('-u=app', 'web')).toEqual(['enter', '--user=app', '[]', 'web'])
    expect(cut('--user', '-t', 'web')).toEqual(['enter', '--user=-t', '[]', 'web'])
    expect(cut('-e', 'A=1', '-e', 'A=1', 'web')).toEqual(['enter', '--env=A=1', '--env=A=1', '[]', 'web'])
  })
  test('that nobody knows are left for oclif to refuse', () => {
    expect(cut('-x', 'web')).toEqual(['enter', '-x', '[]', 'web'])
    expect(cut('-tx', 'web')).toEqual(['enter', '--tty', '-x', '[]', 'web'])
    expect(cut('--nope=1', 'web')).toEqual(['enter', '--nope=1', '[]', 'web'])
    expect(cut('-u')).toEqual(['enter', '--user'])
  })
  test('may stand before the command as well', () => {
    expect(cut('-u', 'app', 'debug', '-t', 'web', 'x')).toEqual(['debug', '--user=app', '--tty', '["x"]', 'web'])
    expect(cut('--json', 'ls', '--all')).toEqual(['ls', '--json', '--all'])
  })
})

describe('which command', () => {
  test('a command of ours, else enter', () => {
    expect(cut('ls', '-a')).toEqual(['ls', '-a'])
    expect(cut('key', 'install', 'web')).toEqual(['key', 'install', 'web'])
    expect(cut('key', 'x')).toEqual(['key', 'x'])
    expect(cut('constructor')).toEqual(['enter', '[]', 'constructor'])
    expect(cut('-l', 'ls')).toEqual(['enter', '--latest', '["ls"]'])
  })
  test('help and version are ours only before TARGET', () => {
    expect(cut('--help')).toEqual(['--help'])
    expect(cut('-u', 'app', '-h')).toEqual(['--help'])
    expect(cut('enter', '--help')).toEqual(['enter', '--help'])
    expect(cut('--version')).toEqual(['--version'])
    expect(cut('web', '--help')).toEqual(['enter', '["--help"]', 'web'])
    expect(cut()).toEqual([])
  })
})

test('what is no sealed argument is refused', () => {
  expect(() => unseal('{"a":1}')).toThrow(TypeError)
  expect(() => unseal('[1]')).toThrow(TypeError)
})
