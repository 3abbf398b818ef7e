import { gate } from '../../inside/barrier'
import { asLines, takeWords } from '../../inside/words-by-input'
import type { Request, Target } from '../../model'
import { mergedEnv, usualPath } from '../../text/env-entries'
import { quoteAll } from '../../text/quote'

/** What the stage ends with instead of the command's own words; no command has such a code. */
export const noFolder = 301
export const noMeans = 302
export const closedFolder = 303

/** How a user is reached who cannot log in: as root first, then this. */
export interface Become {
  readonly uid: string
  readonly gid: string
}

/**
 * sshd gives a login an environment of its own making, which is left behind here. $1 is `shell` to keep what a login
 * shell expects; then the words of the next.
 */
const leave = [
  '_k=$1; shift;',
  'if [ -n "${SSH_AUTH_SOCK-}" ]; then set -- "SSH_AUTH_SOCK=$SSH_AUTH_SOCK" "$@"; fi;',
  'if [ "$_k" = shell ]; then set -- "USER=${USER-}" "LOGNAME=${LOGNAME-}" "SHELL=${SHELL-}" "SSH_CONNECTION=${SSH_CONNECTION-}" "$@"; fi;',
  'exec env -i "HOME=${HOME-}" "PATH=$PATH" "$@"',
].join(' ')

/**
 * Takes the session's words from its input and becomes the gate, in the environment that they make.
 * $0 the tag (one line, so that it stands in the first line of /proc/PID/cmdline), $1 a shell, $2 the gate's script.
 */
const arrive = [
  '_dbq=$1 _dbg=$2 LC_ALL=C; echo "$0 $$";',
  takeWords,
  'unset LC_ALL; _dbf=$1 _dbu=$2 _dbi=$3 _dbn=$4; shift 4; cd -- "$_dbf" 2>/dev/null || {',
  'if [ -d "$_dbf" ]; then echo "$0 $$ 303"; else echo "$0 $$ 301"; fi; exit 125; };',
  '_dbh=; { read -r _dbh < /proc/sys/kernel/hostname; } 2>/dev/null;',
  '_dbs=; if [ -n "$_dbu" ]; then HOME=/; if _dbs=$(command -v setpriv); then :;',
  'elif chroot --userspec=0:0 / true >/dev/null 2>&1; then _dbs=$(command -v chroot);',
  'else echo "$0 $$ 302"; exit 125; fi; fi; export HOME "HOSTNAME=$_dbh";',
  'while [ "$_dbn" -gt 0 ]; do export "$1"; shift; _dbn=$((_dbn-1)); done; set -- "$_dbq" -c "$_dbg" "$0" "$@";',
  'case $_dbs in */setpriv) set -- "$_dbs" "--reuid=$_dbu" "--regid=$_dbi" --clear-groups "$@" ;;',
  '*/chroot) set -- "$_dbs" "--userspec=$_dbu:$_dbi" --groups= / "$@" ;; esac; exec "$@"',
].join(' ')

/** How a session comes to its command in a login. */
export interface Stage {
  /** The one string that is the command of an SSH session: nothing of the user's is in it. */
  readonly command: string
  /** What goes into it once it has said that it is there: the folder, the variables and the command. */
  readonly input: string
}

/**
 * The stage between the login's shell and the gate: a session of ours has the container's environment, whichever way it
 * came, so it starts over with what the container was made with and what was asked for. AcceptEnv does not matter.
 *
 * It says one line with its PID, takes `input`, and says the gate's line.
 * @param shell absolute path of a POSIX shell inside
 * @param words what the request comes down to
 * @param looks the gate looks whether the kernel runs the command
 */
export function stage(
  target: Target,
  request: Request,
  words: readonly string[],
  shell: string,
  tag: string,
  become: Become | undefined,
  looks: boolean,
): Stage {
  const own = [usualPath, ...(request.tty ? ['TERM=xterm'] : []), ...target.env]
  const environment = mergedEnv(own, request.env)
  const { command, variables, plain } = gate(shell, tag, words, environment, { looks })
  const [, , script = '', , ...behindTag] = command
  const keep = request.command.length === 0 && request.script === undefined ? 'shell' : ''
  const folder = request.workdir || target.workdir || '/'
  const user = become ? [become.uid, become.gid] : ['', '']
  const exported = [...plain, ...variables]
  const next = [shell, '-c', arrive, tag, shell, script]
  return {
    // Every shell of the field takes `exec`; without it the login's shell would stand between sshd and the command.
    command: `exec ${quoteAll([shell, '-c', leave, tag, keep, ...next])}`,
    input: asLines([folder, ...user, String(exported.length), ...exported, ...behindTag]),
  }
}
