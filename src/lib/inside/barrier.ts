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

// One line, so that the tag behind it stands in the first line of /proc/PID/cmdline, where the watcher looks for it.
// $0 tag, $1 the command's name, $2 variables to unset, $3 how many entries env(1) has to set: they are in variables of
// ours, `_dbv0` on, because the words of a process are for everybody to read, and for the engine to note in its events.
const script = ({ say, hear, shut }: Channel) =>
  [
    'if [ -n "${ZSH_VERSION-}" ]; then emulate sh; fi; _dbn=$1 _dbu=$2 _dbe=$3; shift 3; _dbs=0;',
    'case $_dbn in */*) if [ ! -e "$_dbn" ]; then _dbs=127; elif [ -d "$_dbn" ] || [ ! -x "$_dbn" ]; then _dbs=126; fi ;;',
    '*) _dbs=127; set -f; IFS=:; for _dbd in $PATH; do if [ -f "${_dbd:-.}/$_dbn" ]; then',
    'if [ -x "${_dbd:-.}/$_dbn" ]; then _dbs=0; break; fi; _dbs=126; fi; done; unset IFS; set +f ;; esac;',
    `echo "$0 $$ $_dbs"${say}; [ $_dbs = 0 ] || exit $_dbs; read -r _dbg${hear} || exit 129; ${shut}`,
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

/**
 * @param shell absolute path of a POSIX shell inside
 * @param words the command and its arguments
 * @param environment what the command's environment will hold, each `K=V`; the shells make themselves a PATH without one
 * @param apart the gate speaks on descriptor 4 and listens on 3, both closed before the command begins
 */
export function gate(
  shell: string,
  tag: string,
  words: readonly string[],
  environment: readonly string[],
  apart = false,
): Gate {
  const names = new Set(environment.map(nameOf))
  const unset = [...kept, 'PATH'].filter((name) => !names.has(name)).join(' ')
  // dash drops variables whose names are no identifiers (`discovery.type`), and `_db` begins the names of our own; env(1)
  // sets them again.
  const isPlain = (entry: string) => /^(?!_db)[A-Za-z_]\w*=/.test(entry) && !reserved.has(nameOf(entry))
  const lost = environment.filter((entry) => !isPlain(entry))
  const variables = lost.map((entry, index) => `_dbv${index}=${entry}`)
  const text = script(apart ? atDescriptors : atStreams)
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
