import fc from 'fast-check'
import { type CommandShape, shield, unseal } from '../../src/lib/argv'

const enter = {
  flags: [
    { name: 'latest', char: 'l', value: false },
    { name: 'tty', char: 't', value: false },
    { name: 'identity', char: 'i', value: true },
    { name: 'user', char: 'u', value: true },
    { name: 'env', char: 'e', value: true },
    { name: 'json', value: false },
  ],
  takesWords: true,
  targetFlags: ['latest'],
}
const commands: Record<string, CommandShape> = {
  enter,
  ls: { flags: [], takesWords: false, targetFlags: [] },
  key: { flags: [], takesWords: false, targetFlags: [] },
  'key install': { flags: [], takesWords: false, targetFlags: [] },
  debug: { ...enter, targetFlags: [] },
  run: { ...enter, takesWords: false, takesMany: true, targetFlags: [] },
}
const cut = (...argv: string[]) => shield(argv, Object.keys(commands), (id) => commands[id] ?? enter)
const word = fc.oneof(fc.string(), fc.constantFrom('-u', '--', '--help', '-', '--user=x', 'ls', 'enter', '-l', ''))

describe('every word behind TARGET', () => {
  test('arrives as it was typed, in order, repeated ones too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word), async (words) => {
        const [command, sealed, target] = await cut('web', ...words)
        expect([command, target]).toEqual(['enter', 'web'])
        expect(unseal(sealed ?? '')).toEqual(words)
      }),
    )
  })
  test('does so behind any flags of ours, behind `enter`, behind `--` and behind -l', async () => {
    const flags = fc.constantFrom<string[]>([], ['-t'], ['-u', 'app'], ['-tu', 'app'], ['--user=app', '-e', 'A=-u'])
    await fc.assert(
      fc.asyncProperty(flags, fc.array(word), async (given, words) => {
        const sealed = JSON.stringify(words)
        expect((await cut(...given, 'web', ...words)).slice(-2)).toEqual([sealed, 'web'])
        expect((await cut('enter', ...given, 'ls', ...words)).slice(-2)).toEqual([sealed, 'ls'])
        expect((await cut(...given, '--', 'ls', ...words)).slice(-2)).toEqual([sealed, 'ls'])
        expect((await cut(...given, '-l', '--', ...words)).at(-1)).toBe(sealed)
        expect((await cut('debug', ...given, 'web', ...words)).slice(-2)).toEqual([sealed, 'web'])
      }),
    )
  })
})

describe('flags before TARGET', () => {
  test('are handed on in the form that cannot be misread', async () => {
    expect(await cut('-tu', 'app', 'web')).toEqual(['enter', '--tty', '--user=app', '[]', 'web'])
    expect(await cut('-uapp', 'web')).toEqual(['enter', '--user=app', '[]', 'web'])
    expect(await cut('-u=app', 'web')).toEqual(['enter', '--user=app', '[]', 'web'])
    expect(await cut('--user', '-t', 'web')).toEqual(['enter', '--user=-t', '[]', 'web'])
    expect(await cut('-e', 'A=1', '-e', 'A=1', 'web')).toEqual(['enter', '--env=A=1', '--env=A=1', '[]', 'web'])
  })
  test('Docker’s -it is a terminal, and not the key `t`', async () => {
    for (const habit of ['-it', '-ti'])
      expect(await cut(habit, 'web', 'db')).toEqual(['enter', '--tty', '["db"]', 'web'])
    expect(await cut('-i', 'key', 'web')).toEqual(['enter', '--identity=key', '[]', 'web'])
    await expect(cut('-i', '-t', 'web')).rejects.toThrow('-i names a key for SSH, and -t was taken for one')
    await expect(cut('-i', 'web', 'ls')).rejects.toMatchObject({ hint: expect.stringContaining('docker-bash web ls') })
    expect(await cut('-i=t', 'web')).toEqual(['enter', '--identity=t', '[]', 'web'])
  })
  test('that nobody knows are left for oclif to refuse', async () => {
    expect(await cut('-x', 'web')).toEqual(['enter', '-x', '[]', 'web'])
    expect(await cut('-tx', 'web')).toEqual(['enter', '--tty', '-x', '[]', 'web'])
    expect(await cut('--nope=1', 'web')).toEqual(['enter', '--nope=1', '[]', 'web'])
    expect(await cut('-u')).toEqual(['enter', '--user'])
  })
  test('may stand before the command as well', async () => {
    expect(await cut('-u', 'app', 'debug', '-t', 'web', 'x')).toEqual(['debug', '--user=app', '--tty', '["x"]', 'web'])
    expect(await cut('--json', 'ls', '--all')).toEqual(['ls', '--json', '--all'])
  })
})

describe('which command', () => {
  test('a command of ours, else enter', async () => {
    expect(await cut('ls', '-a')).toEqual(['ls', '-a'])
    expect(await cut('key', 'install', 'web')).toEqual(['key install', 'web'])
    expect(await cut('key', 'x')).toEqual(['key', 'x'])
    expect(await cut('constructor')).toEqual(['enter', '[]', 'constructor'])
    expect(await cut('-l', 'ls')).toEqual(['enter', '--latest', '["ls"]'])
  })
  test('help and version are ours only before TARGET', async () => {
    expect(await cut('--help')).toEqual(['--help'])
    expect(await cut('-u', 'app', '-h')).toEqual(['--help'])
    expect(await cut('enter', '--help')).toEqual(['enter', '--help'])
    expect(await cut('--version')).toEqual(['--version'])
    expect(await cut('web', '--help')).toEqual(['enter', '["--help"]', 'web'])
    expect(await cut()).toEqual([])
  })
})

test('what is not a sealed argument is refused', async () => {
  expect(() => unseal('{"a":1}')).toThrow(TypeError)
  expect(() => unseal('[1]')).toThrow(TypeError)
})

describe('run', () => {
  test('takes flags and selectors up to `--`, and every word behind it as it was typed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(word), async (words) => {
        expect(await cut('run', 'web-*', '-u', 'app', 'db', '--json', '--', ...words)).toEqual([
          ...['run', '--user=app', '--json', JSON.stringify(words), '["web-*","db"]'],
        ])
      }),
    )
  })
  test('without `--` has no words; asked for help gives it; a flag cut off is left to be refused', async () => {
    expect(await cut('run', 'web', 'uptime')).toEqual(['run', '[]', '["web","uptime"]'])
    expect(await cut('run', 'web', '--help')).toEqual(['run', '--help'])
    expect(await cut('run', 'web', '-u')).toEqual(['run', '--user'])
  })
})
