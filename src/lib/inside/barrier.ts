import { nameOf } from '../text/env-entries'
import become from './barrier-become.line.sh'
import find from './barrier-find.line.sh'
import look from './barrier-look.line.sh'
import report from './barrier-report.line.sh'
import say from './barrier-say.line.sh'
import sayApart from './barrier-say-apart.line.sh'
import wait from './barrier-wait.line.sh'
import waitApart from './barrier-wait-apart.line.sh'

/**
 * The barrier: a few lines of `sh` that a command inside starts behind, and that become the command (`exec`).
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

/** One line, so that the tag behind it stands in the first line of /proc/PID/cmdline, where the watcher looks for it. */
function script({ apart = false, looks = false }: BarrierOptions): string {
  const [saying, waiting] = apart ? [sayApart, waitApart] : [say, wait]
  const parts = looks ? [find, saying, look, waiting, report, become] : [find, saying, waiting, become]
  return parts.join('; ')
}

export interface Barrier {
  /** argv of the exec: the shell, the script, the tag, the command. */
  readonly command: readonly string[]
  /** What its environment has to have besides, each `K=V`; none of it reaches the command as it is. */
  readonly variables: readonly string[]
  /** What of the environment a shell hands on by itself. */
  readonly plain: readonly string[]
  /** Unique to this session; begins the line the barrier prints. */
  readonly tag: string
}

export interface BarrierOptions {
  /** The barrier speaks and listens on descriptor 3; 4 may be a pipe for the command's output. Neither stays the command's. */
  readonly apart?: boolean
  /** It looks whether the kernel runs the command; if not, it says so where the command would begin: `readBlocked`. */
  readonly looks?: boolean
}

/**
 * @param shell absolute path of a POSIX shell inside
 * @param words the command and its arguments
 * @param environment what the command's environment will hold, each `K=V`; the shells make themselves a PATH without one
 */
export function barrierFor(
  shell: string,
  tag: string,
  words: readonly string[],
  environment: readonly string[],
  options: BarrierOptions = {},
): Barrier {
  const names = new Set(environment.map(nameOf))
  const unset = [...kept, 'PATH'].filter((name) => !names.has(name)).join(' ')
  // dash drops variables whose names are not identifiers (`discovery.type`), and `_db` begins the names of our own; env(1)
  // sets them again.
  const isPlain = (entry: string) => /^(?!_db)[A-Za-z_]\w*=/.test(entry) && !reserved.has(nameOf(entry))
  const lost = environment.filter((entry) => !isPlain(entry))
  const variables = lost.map((entry, index) => `_dbv${index}=${entry}`)
  const command = [shell, '-c', script(options), tag, words[0] ?? '', unset, String(lost.length), ...words]
  return { tag, command, variables, plain: environment.filter(isPlain) }
}

export interface BarrierWord {
  /** In the container's PID namespace; also its process group and session. */
  readonly pid: number
  /** 0, or what `sh` would have ended with: 127 not found, 126 not runnable. */
  readonly status: number
}

/**
 * Finds the barrier's line in what came so far. A dynamic loader may have complained before it.
 * @returns undefined while the line is not complete; else the word, and the bytes before and behind the line
 */
export function readBarrier(
  bytes: Buffer,
  tag: string,
): { word: BarrierWord; before: Buffer; behind: Buffer } | undefined {
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
  /** In the barrier's words, as `readObstacle` takes them; empty when they are its shell's own, which failed to become the command. */
  readonly why: string
}

/**
 * @param bytes the first that came behind the barrier on a stream
 * @returns undefined when they are the command's: nobody else knows the tag, and a shell writes its message at once
 */
export function readBlocked(bytes: Buffer, tag: string): Blocked | undefined {
  if (bytes.length < tag.length || bytes.toString('latin1', 0, tag.length) !== tag) return undefined
  const line = bytes.toString('utf8', tag.length).split('\n')[0] ?? ''
  const [, code, why] = /^ (12[67]) ([^\n]+) \.\r?$/.exec(line) ?? []
  if (why !== undefined) return { code: code === '127' ? 127 : 126, why }
  return { code: /not found|no such file/i.test(line) ? 127 : 126, why: '' }
}
