import { nameOf } from '../text/env-entries'

/**
 * The gate: a few lines of `sh` that a command inside starts behind, and that become the command (`exec`).
 *
 * It says under which PID the command will run and whether there is such a command at all, then waits for one line
 * before it goes on. That wait buys three things no engine gives: the watcher knows the PID before the command runs,
 * the terminal has its size before the first byte (engines before API 1.42 cannot do that at all), and if we are
 * killed meanwhile its input ends and nothing was started.
 *
 * What a shell does to the environment on the way is undone: see `environment`.
 */

/** The shell's own variables: it sets, changes or drops these whatever they were. */
const kept = ['PWD', 'OLDPWD', 'SHLVL', '_', 'LOGNAME']
/** bash, run as sh, keeps these for itself and would not hand on values of the user's. */
const reserved = new Set([
  ...[...kept, 'UID', 'EUID', 'PPID', 'GROUPS', 'SHELLOPTS', 'BASHOPTS', 'IFS', 'OPTIND', 'BASH_VERSINFO'],
  // Of these it makes values of its own.
  ...['RANDOM', 'SRANDOM', 'SECONDS', 'LINENO', 'EPOCHSECONDS', 'EPOCHREALTIME', 'BASHPID', 'BASH_SUBSHELL', 'HISTCMD'],
])

/** Where the gate speaks and listens: at the session's own streams, or at two descriptors that it closes. */
interface Channel {
  readonly say: string
  readonly hear: string
  readonly shut: string
}
const atStreams: Channel = { say: '', hear: '', shut: '' }
const atDescriptors: Channel = { say: '>&4', hear: '<&3', shut: 'exec 3<&- 4>&-;' }

/**
 * What the kernel does not run is found out while we would wait: a shell runs a script without `#!` itself, or says in
 * its own words what is wrong. `_dbw` is then the code, and what keeps the kernel from it (transport/shared/not-run.ts).
 */
const look = [
  '_dbw=; for _dbd in 1 2 3 4 5 6; do { [ -f "$_dbp" ] && [ -r "$_dbp" ]; } || break;',
  '_dbl=; IFS= read -r _dbl <"$_dbp"; case $_dbl in',
  "'#!'*) _dbl=${_dbl#??}; while :; do case $_dbl in [' \t']*) _dbl=${_dbl#?} ;; *) break ;; esac; done;",
  '_dbp=${_dbl%%[\' \t\']*}; if [ -z "$_dbp" ]; then _dbw=\'126 script\'; elif [ ! -e "$_dbp" ]; then _dbw="127 gone $_dbp";',
  'elif [ -d "$_dbp" ] || [ ! -x "$_dbp" ]; then _dbw="126 closed $_dbp";',
  "elif [ $_dbd = 6 ]; then _dbw='126 loop'; else continue; fi ;;",
  // Control characters behind the name: its class, order of bytes and version. Zero bytes do not arrive here.
  "[!\\ -~]ELF[!\\ -~][!\\ -~][!\\ -~]?*) ;; [!\\ -~]ELF*) _dbw='126 broken' ;;",
  // What other kernels run, this one may have been taught to.
  "MZ*|PK*) ;; *) _dbw='126 script'; [ -s \"$_dbp\" ] || _dbw='126 empty' ;; esac; break; done;",
].join(' ')

// One line, so that the tag behind it stands in the first line of /proc/PID/cmdline, where the watcher looks for it.
// $0 tag, $1 the command's name, $2 variables to unset, $3 how many entries env(1) has to set: they are in variables of
// ours, `_dbv0` on, because the words of a process are for everybody to read, and for the engine to note in its events.
const script = ({ say, hear, shut }: Channel, looks: boolean) =>
  [
    'if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi; _dbn=$1 _dbp=$1 _dbu=$2 _dbe=$3; shift 3; _dbs=0;',
    'case $_dbn in */*) if [ ! -e "$_dbn" ]; then _dbs=127; elif [ -d "$_dbn" ] || [ ! -x "$_dbn" ]; then _dbs=126; fi ;;',
    '*) _dbs=127; set -f; IFS=:; for _dbd in $PATH; do if [ -f "${_dbd:-.}/$_dbn" ]; then',
    'if [ -x "${_dbd:-.}/$_dbn" ]; then _dbs=0 _dbp=${_dbd:-.}/$_dbn; break; fi; _dbs=126; fi; done; unset IFS; set +f ;; esac;',
    `echo "$0 $$ $_dbs"${say}; [ $_dbs = 0 ] || exit $_dbs; ${looks ? look : ''} read -r _dbg${hear} || exit 129; ${shut}`,
    looks ? 'if [ -n "$_dbw" ]; then echo "$0 $_dbw ."; exit ${_dbw%% *}; fi;' : '',
    '_dbh=; if command -v env >/dev/null 2>&1; then _dbh=1; fi; _dbs=$_dbe;',
    'while [ "$_dbe" -gt 0 ]; do _dbe=$((_dbe-1)); _dbu="$_dbu _dbv$_dbe";',
    'if [ -n "$_dbh" ]; then eval "set -- \\"\\$_dbv$_dbe\\" \\"\\$@\\""; fi; done;',
    // bash and zsh set SHLVL and _ again while they exec; only a program between it and the command can take them away. Nor
    // is that program found any more once PATH is.
    'if [ -n "$_dbh" ] && { [ "$_dbs" -gt 0 ] || [ -n "${BASH_VERSION-}${ZSH_VERSION-}" ]; }; then',
    'for _dbd in $_dbu; do set -- -u "$_dbd" "$@"; done; set -- env "$@"; else unset $_dbu; fi; exec "$@"',
  ].join(' ')

export interface Gate {
  /** argv of the exec: the shell, the script, the tag, the command. */
  readonly command: readonly string[]
  /** What its environment has to have besides, each `K=V`; none of it reaches the command as it is. */
  readonly variables: readonly string[]
  /** What of the environment a shell hands on by itself. */
  readonly plain: readonly string[]
  /** Unique to this session; begins the line the gate prints. */
  readonly tag: string
}

export interface GateOptions {
  /** The gate speaks on descriptor 4 and listens on 3, both closed before the command begins. */
  readonly apart?: boolean
  /** It looks whether the kernel runs the command; if not, it says so where the command would begin: `readBlocked`. */
  readonly looks?: boolean
}

/**
 * @param shell absolute path of a POSIX shell inside
 * @param words the command and its arguments
 * @param environment what the command's environment will hold, each `K=V`; the shells make themselves a PATH without one
 */
export function gate(
  shell: string,
  tag: string,
  words: readonly string[],
  environment: readonly string[],
  { apart = false, looks = false }: GateOptions = {},
): Gate {
  const names = new Set(environment.map(nameOf))
  const unset = [...kept, 'PATH'].filter((name) => !names.has(name)).join(' ')
  // dash drops variables whose names are no identifiers (`discovery.type`), and `_db` begins the names of our own; env(1)
  // sets them again.
  const isPlain = (entry: string) => /^(?!_db)[A-Za-z_]\w*=/.test(entry) && !reserved.has(nameOf(entry))
  const lost = environment.filter((entry) => !isPlain(entry))
  const variables = lost.map((entry, index) => `_dbv${index}=${entry}`)
  const text = script(apart ? atDescriptors : atStreams, looks)
  const command = [shell, '-c', text, tag, words[0] ?? '', unset, String(lost.length), ...words]
  return { tag, command, variables, plain: environment.filter(isPlain) }
}

export interface GateWord {
  /** In the container's PID namespace; also its process group and session. */
  readonly pid: number
  /** 0, or what `sh` would have ended with: 127 not found, 126 not runnable. */
  readonly status: number
}

/**
 * Finds the gate's line in what came so far. A dynamic loader may have complained before it.
 * @returns undefined while the line is not complete; else the word, and the bytes before and behind the line
 */
export function readGate(bytes: Buffer, tag: string): { word: GateWord; before: Buffer; behind: Buffer } | undefined {
  const start = bytes.indexOf(`${tag} `)
  if (start < 0) return undefined
  const end = bytes.indexOf(0x0a, start)
  if (end < 0) return undefined
  const [, pid, status] = bytes.toString('latin1', start, end).split(' ')
  return {
    word: { pid: Number(pid), status: Number.parseInt(status ?? '', 10) },
    before: bytes.subarray(0, start),
    behind: bytes.subarray(end + 1),
  }
}

/** What stands where the command's output would begin when it did not. */
export interface Blocked {
  readonly code: 126 | 127
  /** In the gate's words, as `readObstacle` takes them; empty when they are its shell's own, which failed to become the command. */
  readonly why: string
}

/**
 * @param bytes the first that came behind the gate on a stream
 * @returns undefined when they are the command's: nobody else knows the tag, and a shell writes its message at once
 */
export function readBlocked(bytes: Buffer, tag: string): Blocked | undefined {
  if (bytes.length < tag.length || bytes.toString('latin1', 0, tag.length) !== tag) return undefined
  const line = bytes.toString('utf8', tag.length).split('\n')[0] ?? ''
  const [, code, why] = /^ (12[67]) ([^\n]+) \.\r?$/.exec(line) ?? []
  if (why !== undefined) return { code: code === '127' ? 127 : 126, why }
  return { code: /not found|no such file/i.test(line) ? 127 : 126, why: '' }
}
