import { docker } from '../support/docker-api'
import { check, type Inside, trickyEnv } from './way'

const tricky = [
  '',
  ' ',
  'a b',
  '-u',
  '--',
  '--help',
  '-v',
  '--version',
  'same',
  'same',
  '*',
  '$HOME',
  '`id`',
  '$(id)',
  "it's",
  '"quoted"',
  '\\',
  '\\n',
  'line\nbreak',
  '\t',
  '\x1b[31mred',
  'ünïcödé 日本語 🐳',
  '#',
  '!',
  '~',
  '{a,b}',
  ';',
  '|',
  '&&',
  '>',
  'K=V',
  'x'.repeat(100_000),
]

export function words(the: Inside): void {
  const { way } = the
  describe('words', () => {
    check(way, 'every argument arrives byte for byte', async () => {
      const { stdout } = await the.run(['sh', '-c', 'for a in "$@"; do printf "%s\\0" "$a"; done', 'sh', ...tricky])
      expect(stdout.toString().split('\0').slice(0, -1)).toEqual(tricky)
    })
    check(way, "flags and words behind TARGET are the command's", async () => {
      const { stdout } = await the.run(['echo', '-u', 'app', '--', '--help', 'a', 'b', 'a'])
      expect(stdout.toString()).toBe('-u app -- --help a b a\n')
    })
    check(way, 'an argument longer than the system takes is refused, not cut', async () => {
      const { code, stdout, stderr } = await the.line(
        'head -c 131072 /dev/zero | tr "\\0" x >big; $IN echo "$(cat big)"',
      )
      // Our own exec fails first on most hosts; then the shell says so. Otherwise we do.
      expect(code).toBe(126)
      expect(stdout.length).toBe(0)
      expect(stderr).toMatch(/too long|longer than/)
    })
    check(way, 'the environment is the container’s own and what was asked for, nothing else', async () => {
      const { stdout } = await the.run(['env', '-0'], {
        flags: ['-e', 'asked=yes', '-e', 'home', '-e', 'none', '-e', 'plain'],
        env: { home: 'ours' },
      })
      const seen = stdout.toString().split('\0').filter(Boolean)
      const own = (names: readonly string[]) =>
        names.filter((entry) => !/^(PATH|HOSTNAME|HOME|TERM)=/.test(entry)).sort()
      const { Env } = (await docker().inspect(the.container.id)).Config
      expect(Env).toEqual(expect.arrayContaining(trickyEnv))
      // What has no value here, by its name alone, is not there either.
      const rest = (Env ?? []).filter((entry) => entry !== 'plain=1')
      expect(own(seen)).toEqual(own([...rest, 'asked=yes', 'home=ours']))
      expect(seen.map((entry) => entry.split('=')[0])).toEqual(expect.arrayContaining(['PATH', 'HOME', 'HOSTNAME']))
    })
    check(way, '-u, -w and --env-file do what they do in docker exec', async () => {
      const { stdout } = await the.line(
        'printf "# a comment\\nfrom_file=1 2\\n\\nhome\\n" >vars; export home=ours; ' +
          `${the.typed().join(' ')} --via ${way.via} ${(way.flags ?? []).join(' ')} -u 1234:5678 -w /tmp --env-file vars ${the.container.name} ` +
          'sh -c \'id -u; id -g; pwd; echo "$from_file $home"\'',
      )
      expect(stdout.toString()).toBe('1234\n5678\n/tmp\n1 2 ours\n')
    })
    check(way, '-c runs a script with its parameters', async () => {
      const { code, stdout } = await the.run(['one', 'two words'], {
        flags: ['-c', 'echo "$1-$2" | tr a-z A-Z; exit 5'],
      })
      expect({ code, stdout: stdout.toString() }).toEqual({ code: 5, stdout: 'ONE-TWO WORDS\n' })
    })
    check(way, 'without a command a login shell reads its input', async () => {
      const { code, stdout } = await the.run([], { input: 'echo shell $((6 * 7)); exit 9\n' })
      expect({ code, stdout: stdout.toString() }).toEqual({ code: 9, stdout: 'shell 42\n' })
    })
  })
}
