import { barrierFor } from '../../inside/barrier'
import { asLines, takeWords } from '../../inside/words-by-input'
import type { Request, Target } from '../../model'
import { mergedEnv, usualPath } from '../../text/env-entries'
import { quoteAll } from '../../text/quote'
import arrived from './arrive.line.sh'
import arriving from './arrive-begin.line.sh'
import leave from './leave-login.line.sh'

/** What the stage ends with instead of the command's own words; no command has such a code. */
export const noFolder = 301
export const noMeans = 302
export const closedFolder = 303

/** How a user is reached who cannot log in: as root first, then this. */
export interface Become {
  readonly uid: string
  readonly gid: string
}

/** Takes the session's words from its input and becomes the barrier, in the environment that they make. */
const arrive = `${arriving}; ${takeWords} ${arrived}`

/** How a session comes to its command in a login. */
export interface Stage {
  /** The one string that is the command of an SSH session: nothing of the user's is in it. */
  readonly command: string
  /** What goes into it once it has said that it is there: the folder, the variables and the command. */
  readonly input: string
}

/**
 * The stage between the login's shell and the barrier: a session of ours has the container's environment, whichever way it
 * came, so it starts over with what the container was made with and what was asked for. AcceptEnv does not matter.
 *
 * It says one line with its PID, takes `input`, and says the barrier's line.
 * @param shell absolute path of a POSIX shell inside
 * @param words what the request comes down to
 * @param looks the barrier looks whether the kernel runs the command
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
  const { command, variables, plain } = barrierFor(shell, tag, words, environment, { looks })
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
