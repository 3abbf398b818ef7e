/** Lines for Docker's client and for every way into an ordinary container, and where docker-bash means to differ. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunOptions } from './cli'
import type { ContainerOptions } from './containers'

export const ways = ['exec', 'runc', 'nsenter'] as const
export type Way = (typeof ways)[number] | 'debug'

/** Where docker-bash means to differ: what it gives instead, and which page says so. */
export interface Difference {
  readonly why: string
  readonly code: number
  readonly says?: RegExp
  /** Default: nothing. */
  readonly stdout?: string
  /** Default: by every way; the others do as docker exec does. */
  readonly by?: readonly Way[]
}

export interface Line extends Pick<RunOptions, 'env' | 'input'> {
  /** Default: `usual`. */
  readonly in?: keyof typeof boxes
  readonly flags?: readonly string[]
  readonly words: readonly string[]
  /** Also by tools that are brought along. */
  readonly debug?: true
  /** `@` in its words is a file that it makes: who owns it, its mode and what it holds are compared. */
  readonly makes?: true
  readonly differs?: Difference | readonly Difference[]
}

const own125 = 'README, exit codes: 125 is docker-bash itself'
const noUser: Difference = { why: own125, code: 125, says: /there is no (?:user|group)/ }
const noNumber: Difference = { why: own125, code: 125, says: /invalid user or group number/ }
const damaged: Difference = { ...noNumber, why: 'CHANGELOG: a number that is none is refused', by: ['runc', 'nsenter'] }
const noFolder: Difference = { why: 'CHANGELOG: our own flag is 125', code: 125, says: /there is no folder/ }
const missing: Difference = { why: 'README, exit codes: 127', code: 127, says: /there is no / }
const notRunnable: Difference = { why: 'README, exit codes: 126', code: 126, says: /cannot be run/ }

const by = (difference: Difference, ...ways: Way[]): Difference => ({ ...difference, by: ways })

/** Where docker-bash goes on by every way, and does something else. */
const instead = (why: string, stdout: string): Difference => ({ why, code: 0, stdout, says: /^$/, by: ways })

export const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  // Named like another's number.
  '1000:x:55:56::/fifty:/bin/sh',
  'app:x:1000:1001::/srv/app:/bin/sh',
  'twin:x:1000:1002::/srv/twin:/bin/sh',
  'nohome:x:66:66',
]
export const group = [
  'root:x:0:',
  'nogroup:x:65534:',
  'app:x:1001:',
  '1001:x:57:twin',
  'audio:x:29:other,app,root',
  '#video:x:44:app',
  'video:x:45:app',
]
const many = (line: (n: number) => string) => Array.from({ length: 40_000 }, (_, n) => line(n))

/** The containers: what differs from a busybox with these tables. */
export const boxes: Record<string, Partial<ContainerOptions> & { files?: (root: string) => void }> = {
  usual: { env: ['own=1', 'dotted.name=d', 'many=a\nb', 'empty='], files: furnish },
  'with comments, and numbers that are none': {
    files: tables(
      ['# comment', ...passwd, 'word:x:abc:5::/:/bin/sh', 'half:x:1003', 'big:x:4294967296:5::/:/bin/sh'],
      [...group, 'none:x::twin', 'short:x', 'big:x:4294967297:'],
    ),
  },
  'with large tables': {
    files: tables(
      [
        ...passwd,
        ...many((n) => `u${n}:x:${n + 100_000}:9:${'x'.repeat(30)}:/:/bin/sh`),
        'late:x:77777:78888::/late:/x',
      ],
      [...group, ...many((n) => `g${n}:x:${n + 100_000}:${'y'.repeat(30)}`), 'last:x:79999:late'],
    ),
  },
  'with a long line of groups': { files: tables(passwd, [...group, `long:x:46:${'z'.repeat(70_000)},app`]) },
  'with a long line of users': { files: tables([...passwd, `long:x:5:5:${'z'.repeat(70_000)}:/:/x`], group) },
  'without tables': {
    files: (root) => {
      for (const name of ['passwd', 'group']) rmSync(join(root, 'etc', name))
    },
  },
  'with groups added': { hostConfig: { GroupAdd: ['nogroup', '4242'] } },
  'of a user, with HOME and TERM': { user: '1000', env: ['HOME=/img', 'TERM=vt100'] },
  'in a closed folder': { user: '1000', workdir: '/closed', files: (root) => chmodSync(join(root, 'closed'), 0o700) },
  bare: { image: 'bare', files: () => undefined },
}

export function tables(users: readonly string[], groups: readonly string[]) {
  return (root: string) => {
    writeFileSync(join(root, 'etc', 'passwd'), `${users.join('\n')}\n`)
    writeFileSync(join(root, 'etc', 'group'), `${groups.join('\n')}\n`)
  }
}

function furnish(root: string): void {
  tables(passwd, group)(root)
  const at = (...names: string[]) => join(root, 'srv', ...names)
  const program = (path: string, mode: number) => {
    writeFileSync(path, '#!/bin/sh\necho "$0 $*"\n')
    chmodSync(path, mode)
  }
  for (const name of ['open', 'closed', join('closed', 'below'), 'tools']) mkdirSync(at(name), { recursive: true })
  chmodSync(at(), 0o755)
  chmodSync(at('closed'), 0o700)
  symlinkSync('closed', at('link'))
  writeFileSync(at('plain'), 'text\n')
  program(at('tools', 'tool'), 0o755)
  program(at('tools', 'with space'), 0o755)
  program(at('tools', 'mine'), 0o700)
  program(at('tools', 'dull'), 0o644)
}

const id = ['sh', '-c', 'id -u; id -g; id -G; echo "$HOME"']
const seen = ['sh', '-c', 'env -0 | tr "\\n\\0" "+\\n" | sort']
const where = ['pwd']
const make = ['sh', '-c', 'umask; echo made >"@"; pwd']
const user = (spec: string, more: Partial<Line> = {}): Line => ({ flags: ['-u', spec], words: id, ...more })
const folder = (path: string, more: Partial<Line> = {}): Line => ({ flags: ['-w', path], words: where, ...more })
const variable = (flags: readonly string[], more: Partial<Line> = {}): Line => ({ flags, words: seen, ...more })
const program = (words: readonly string[], more: Partial<Line> = {}): Line => ({ words, ...more })

/** Where `-e PATH` has no value; Node is named by its path. */
const unset = { PATH: undefined }
const comments = { in: 'with comments, and numbers that are none' }
const large = { in: 'with large tables' }
const nobody = { in: 'without tables' }
const closed = { in: 'in a closed folder', debug: true } as const
const bare = { in: 'bare', debug: true } as const

export const lines: Record<string, Line> = {
  'nobody asked for': { words: id },
  'a user by name': user('app', { debug: true }),
  'a user by number': user('1000', { debug: true }),
  'root by number': user('0'),
  'a name and a group': user('app:audio'),
  'a number and a group': user('1000:audio'),
  'two numbers': user('1000:1001', { debug: true }),
  'a group that is named like the number': user('app:57'),
  'two numbers that nobody has': user('4711:4712'),
  'a number that nobody has': user('4711'),
  'a name with nothing behind the colon': user('app:'),
  'a group alone': user(':audio'),
  'a colon alone': user(':'),
  'a third part': user('app:audio:video'),
  'no user': user(''),
  'a number with leading zeros': user('001000'),
  'a group with leading zeros': user('app:001001'),
  'a number with a sign': user('+1000'),
  'a negative number': user('-5', { differs: noNumber }),
  'a number that is too large': user('4294967296', { differs: noNumber }),
  'a group that is too large': user('app:4294967296', { differs: noNumber }),
  'a number that no machine has': user('99999999999999999999', { differs: { ...noNumber, says: /number|no user/ } }),
  'a name made of digits': user('55'),
  'another of the same number': user('twin', { debug: true }),
  'a line that is short': user('nohome'),
  'a name that is not there': user('nosuch', { differs: noUser }),
  'a group that is not there': user('app:nosuch', { differs: noUser }),
  'a user with a blank': user(' app', { differs: noUser }),
  'a number with a blank behind it': user('1000 ', { differs: noUser }),
  'root, and a comment first': user('0', comments),
  'root by name, and a comment first': user('root', comments),
  'a comment’s name': user('# comment', { ...comments, differs: damaged }),
  'a number that is a word': user('word', { ...comments, differs: damaged }),
  'a line without a group': user('half', { ...comments, differs: damaged }),
  'a line’s number that is too large': user('big', { ...comments, differs: damaged }),
  'a member of a group without a number': user('twin', { ...comments, differs: damaged }),
  'a group without a number': user('app:short', { ...comments, differs: damaged }),
  'a group’s number that is too large': user('app:big', { ...comments, differs: damaged }),
  'who is not in the damaged lines': user('app', comments),
  'the last of many users': user('late', large),
  'the last of many users, by number': user('77777', large),
  'the last of many groups': user('app:last', large),
  'a member in a long line': user('app', { in: 'with a long line of groups' }),
  'a long line of users': user('app', {
    in: 'with a long line of users',
    differs: { why: own125, code: 125, says: /longer than 64 KiB/ },
  }),
  'nobody asked for, and a long line of users': {
    in: 'with a long line of users',
    words: id,
    differs: { why: own125, code: 125, says: /longer than 64 KiB/ },
  },
  'a number without tables': user('1000', nobody),
  'two numbers without tables': user('1000:1001', nobody),
  'a name without tables': user('root', { ...nobody, differs: noUser }),
  'nobody asked for, without tables': { ...nobody, words: id },
  'groups added, and a user': user('app', { in: 'with groups added' }),
  'groups added, and a group': user('app:57', { in: 'with groups added' }),
  'the image’s user': { in: 'of a user, with HOME and TERM', words: id },
  'the image’s HOME for another': user('root', { in: 'of a user, with HOME and TERM' }),
  'a user by a long flag': { flags: ['--user=app'], words: id },
  'a user joined to the flag': { flags: ['-uapp'], words: id },

  'nothing asked for': variable([]),
  'a variable': variable(['-e', 'A=1']),
  'a variable twice': variable(['-e', 'A=1', '-e', 'A=2']),
  'the image’s, overruled': variable(['-e', 'own=2', '-e', 'dotted.name=e']),
  empty: variable(['-e', 'A=', '-e', 'own=']),
  'of several lines': variable(['-e', 'A=one\ntwo\n']),
  'with equals signs': variable(['-e', 'A==b=c=']),
  'a dotted name': variable(['-e', 'discovery.type=single-node', '-e', 'a-b=c']),
  'a name with a blank': variable(['-e', 'A B=c']),
  'a name that begins with a digit': variable(['-e', '1A=c']),
  'set here': variable(['-e', 'HERE'], { env: { HERE: 'ours' } }),
  'set here, empty': variable(['-e', 'HERE'], { env: { HERE: '' } }),
  'not set here': variable(['-e', 'NOWHERE', '-e', 'own']),
  'no name': variable(['-e', '=x'], { differs: { why: own125, code: 125, says: /invalid variable "=x" for -e/ } }),
  'joined, and by the long flag': variable(['-eA=1', '--env', 'B=2', '--env=C=3']),
  HOME: variable(['-e', 'HOME=/tmp', '-u', 'app']),
  'HOME, empty': variable(['-e', 'HOME=', '-u', 'app'], { debug: true, words: ['sh', '-c', 'echo "$HOME"'] }),
  'HOME, taken away': variable(['-e', 'HOME'], { in: 'of a user, with HOME and TERM', env: { HOME: undefined } }),
  PATH: variable(['-e', 'PATH=/srv/tools:/bin']),
  TERM: variable(['-e', 'TERM=dumb']),
  'TERM, taken away': variable(['-e', 'TERM'], { in: 'of a user, with HOME and TERM' }),
  'what a shell sets by itself': variable(['-e', 'PWD=/x', '-e', 'OLDPWD=/y', '-e', 'SHLVL=7', '-e', '_=z']),
  'what we set for ourselves': variable(['-e', '_dbn=1', '-e', '_dbv0=2']),
  'a terminal': { flags: ['-t'], words: ['sh', '-c', 'test -t 1 && echo "$TERM"; exit 3'] },
  'a terminal, and TERM': { flags: ['-t', '-e', 'TERM=dumb'], words: ['sh', '-c', 'echo "$TERM"'] },
  'a terminal, and the image’s TERM': {
    in: 'of a user, with HOME and TERM',
    flags: ['-t'],
    words: ['sh', '-c', 'echo "$TERM"'],
    env: { TERM: 'xterm-256color' },
  },
  'a dumb terminal here': {
    flags: ['-t'],
    words: ['sh', '-c', 'echo "$TERM"'],
    env: { TERM: 'dumb' },
    differs: instead('our kind of terminal goes along, and dumb stays dumb', 'dumb\r\n'),
  },
  'a terminal where there is none here': {
    flags: ['-it'],
    words: ['sh', '-c', 'test -t 0 && test -t 1; echo "$?"'],
    differs: instead('README: -t (or -it) insists', '0\r\n'),
  },
  'a file of them': variable(['--env-file', file('vars', '# comment\n\nA=1 2\n  B="q"\nHERE\nNOWHERE\nC=\r\n')], {
    env: { HERE: 'ours' },
  }),
  'a file, and flags over it': variable(['-e', 'A=2', '--env-file', file('more', 'A=1\nB=1\n'), '-e', 'own']),
  'a file with a name of two words': variable(['--env-file', file('bad', 'A B=1\n')], {
    differs: { why: own125, code: 125, says: /invalid variable name/ },
  }),
  'a file that is not there': variable(['--env-file', '/nosuch/vars'], {
    differs: { why: own125, code: 125, says: /there is no such file/ },
  }),

  'a folder': folder('/srv/open', { debug: true }),
  'a folder, by the long flag': { flags: ['--workdir=/srv/open'], words: where },
  'no folder': folder(''),
  'a folder with dots and slashes': folder('/srv//open/../tools/.'),
  'a folder by a link': folder('/srv/link'),
  'a folder that is not there': folder('/nosuch', { differs: noFolder, debug: true }),
  'a file': folder('/srv/plain', { differs: noFolder }),
  'a relative folder': folder('srv', { differs: { ...noFolder, says: /not an absolute path/ } }),
  'a folder of another’s': { flags: ['-w', '/srv/closed', '-u', 'app'], words: where, debug: true },
  'a folder below another’s': { flags: ['-w', '/srv/closed/below', '-u', '4711:4712'], words: where, debug: true },
  'a folder of another’s, by a link': { flags: ['-w', '/srv/link', '-u', 'app'], words: where },
  'what is in another’s folder': { flags: ['-w', '/srv/closed', '-u', 'app'], words: ['sh', '-c', 'ls . 2>&1; id -u'] },
  'the process’s own folder': {
    flags: ['-w', '/proc/self'],
    words: ['sh', '-c', 'test "$(pwd -P)" = "/proc/$$" && echo own'],
  },
  'the image’s folder, closed': { ...closed, words: where },
  'the image’s folder, closed, as root': user('root', { ...closed, words: where }),
  'the image’s folder, closed, and another': folder('/tmp', closed),

  codes: program(['sh', '-c', 'exit 42']),
  'the largest code': program(['sh', '-c', 'exit 255']),
  killed: program(['sh', '-c', 'kill -KILL $$']),
  'killed by a real-time signal': program(['sh', '-c', 'kill -36 $$']),
  'killed by SIGPIPE': program(['sh', '-c', 'kill -PIPE $$']),
  'by its path': program(['/srv/tools/tool', 'a b', '', '-u', '--']),
  'by a path from the folder': program(['tools/tool', 'x'], { flags: ['-w', '/srv'] }),
  'by a path with a dot': program(['./tool'], { flags: ['-w', '/srv/tools'] }),
  'by PATH': program(['tool'], { flags: ['-e', 'PATH=/nosuch:/srv/tools:/bin'] }),
  'by PATH, with a blank in it': program(['with space', 'x'], { flags: ['-e', 'PATH=/srv/tools:/bin'] }),
  'with a blank in its path': program(['/srv/tools/with space', 'x']),
  'without a PATH': program(['/bin/sh', '-c', 'echo "<$PATH>"'], { flags: ['-e', 'PATH='] }),
  'not there': program(['nosuch', 'x'], { differs: missing }),
  'no such path': program(['/nosuch/program'], { differs: missing }),
  'below a file': program(['/srv/plain/x'], { differs: missing }),
  'an empty word': program([''], { differs: missing }),
  'a line in one word': program(['echo a b'], { differs: missing }),
  'not in this PATH': program(['tool'], { differs: missing }),
  'no PATH to look in': program(['env'], { flags: ['-e', 'PATH='], differs: missing }),
  'a PATH taken away': program(['env'], { flags: ['-e', 'PATH'], env: unset, differs: missing }),
  'a PATH taken away, and a path': program(['/bin/env'], {
    in: 'with groups added',
    flags: ['-e', 'PATH'],
    env: unset,
  }),
  'a folder as a program': program(['/srv'], { differs: notRunnable }),
  'a program that may not be run': program(['/srv/tools/dull'], { differs: notRunnable }),
  'a program of another’s': program(['/srv/tools/mine'], {
    flags: ['-u', 'app'],
    differs: [by(notRunnable, 'exec', 'nsenter')],
  }),
  'not to be run, by PATH': program(['dull'], {
    flags: ['-e', 'PATH=/srv/tools:/bin'],
    differs: [by(notRunnable, 'exec', 'nsenter'), missing],
  }),
  'both streams': program(['sh', '-c', 'echo out; echo err >&2; exit 7']),
  input: program(['sh', '-c', 'cat; echo end'], { input: 'one\ntwo' }),
  'no input': program(['cat']),
  'no shell: a program': program(['/bare', 'print', 'a b', ''], bare),
  'no shell: a code': program(['/bare', 'exit', '9'], bare),
  'no shell: a user and a folder': program(['/bare', 'print', 'x'], { ...bare, flags: ['-u', '7:8', '-w', '/'] }),
  'no shell: a name': program(['/bare', 'print', 'x'], { ...bare, flags: ['-u', 'root'], differs: noUser }),
  'no shell: not there': program(['/nosuch'], { ...bare, differs: missing }),

  'a file of root’s': { words: make, makes: true },
  'a file of a user’s': { flags: ['-u', 'app:audio', '-w', '/tmp'], words: make, makes: true },
  'a file with input, all flags': {
    flags: ['-u', '4711:4712', '-w', '/srv/open', '-e', 'A=b c', '--env-file', file('all', 'B=d\n')],
    words: ['sh', '-c', 'cat >"@"; echo "$A $B $PWD" >>"@"'],
    input: 'bytes\n',
    makes: true,
  },
  privileged: {
    flags: ['--privileged'],
    words: id,
    differs: { why: 'docs/command-line.md: there is no --privileged', code: 125, says: /privileged/ },
  },
}

function file(name: string, text: string): string {
  return `${name}\0${text}`
}
