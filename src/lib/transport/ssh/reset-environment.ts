import { gate } from '../../inside/barrier'
import type { Request, Target } from '../../model'
import { quoteAll } from '../../text/quote'

/** What the stage ends with instead of the command's own words; no command has such a code. */
export const noFolder = 301
export const noMeans = 302

/** How a user is reached who cannot log in: as root first, then this. */
export interface Become {
  readonly uid: string
  readonly gid: string
}

/** The engine's own default, where the image names none. */
const usualPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The stage between the login's shell and the gate. sshd gives a login an environment and a folder of its own making;
 * a session of ours has the container's, whichever way it came, so the stage starts over (`env -i`) with what the
 * container was made with and what was asked for. AcceptEnv does not matter: all of it are words.
 *
 * $0 the tag (one line, so that it stands in the first line of /proc/PID/cmdline), $1 the folder, $2 `shell` to keep
 * what a login shell expects, $3 and $4 the user and group to become; then `K=V…` and the gate's words.
 */
const script = [
  '_f=$1 _k=$2 _u=$3 _g=$4; shift 4; cd -- "$_f" 2>/dev/null || { echo "$0 $$ 301"; exit 125; };',
  '_h=; { read -r _h < /proc/sys/kernel/hostname; } 2>/dev/null;',
  'if [ -n "${SSH_AUTH_SOCK-}" ]; then set -- "SSH_AUTH_SOCK=$SSH_AUTH_SOCK" "$@"; fi;',
  'if [ "$_k" = shell ]; then set -- "USER=${USER-}" "LOGNAME=${LOGNAME-}" "SHELL=${SHELL-}" "SSH_CONNECTION=${SSH_CONNECTION-}" "$@"; fi;',
  'if [ -n "$_u" ]; then HOME=/; fi; set -- env -i "HOME=$HOME" "HOSTNAME=$_h" "$@";',
  'if [ -n "$_u" ]; then if command -v setpriv >/dev/null 2>&1; then set -- setpriv "--reuid=$_u" "--regid=$_g" --clear-groups "$@";',
  'elif chroot --userspec=0:0 / true >/dev/null 2>&1; then set -- chroot "--userspec=$_u:$_g" --groups= / "$@";',
  'else echo "$0 $$ 302"; exit 125; fi; fi; exec "$@"',
].join(' ')

/**
 * The one string that is the command of an SSH session.
 * @param shell absolute path of a POSIX shell inside
 * @param words what the request comes down to
 */
export function stage(
  target: Target,
  request: Request,
  words: readonly string[],
  shell: string,
  tag: string,
  become: Become | undefined,
): string {
  const environment = [usualPath, ...(request.tty ? ['TERM=xterm'] : []), ...target.env, ...request.env]
  const { command, variables } = gate(shell, tag, words, environment)
  const keep = request.command.length === 0 && request.script === undefined ? 'shell' : ''
  const folder = request.workdir || target.workdir || '/'
  const user = become ? [become.uid, become.gid] : ['', '']
  // Every shell of the field takes `exec`; without it the login's shell would stand between sshd and the command.
  return `exec ${quoteAll([shell, '-c', script, tag, folder, keep, ...user, ...environment, ...variables, ...command])}`
}
