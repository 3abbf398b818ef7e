import type { Readable, Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { forSupervisor, mayInheritStdout } from '../host/inheritable-stdio'
import type { Ending, Request, Session } from '../model'
import { holdSignals } from '../session/signals'
import { makeRaw } from '../terminal/stty'
import type { WayOrder } from './request'
import { SessionSupervisor } from './supervisor'

/**
 * A supervisor for a command that is to be told later. A pipe of ours becomes the command's own; all else never does.
 * @param more descriptors for the supervisor, from 6 on
 * @param apart none of ours is the command's: all its streams come to us, one of many perhaps
 */
export function supervisorFor(
  request: Request,
  more: readonly number[] = [],
  apart = false,
): Promise<SessionSupervisor> {
  const { tty, stdin } = request
  if (apart) return SessionSupervisor.start([stdin ? 'pipe' : 'ignore', 'pipe', tty ? 'ignore' : 'pipe'], more)
  const terminal = terminalOf(request)
  const input = terminal === 'ours' ? 0 : terminal === 'new' ? 'pipe' : stdin ? forSupervisor(0) : 'ignore'
  // To a terminal inside the supervisor copies itself, whatever ours is.
  const output = !terminal ? forSupervisor(1) : terminal === 'ours' || mayInheritStdout() ? 1 : 'pipe'
  return SessionSupervisor.start([input, output, tty ? 'ignore' : 'pipe'], more)
}

/**
 * Starts a command by the way into namespaces and hands it out as a session.
 * @param supervisor for the same request
 * @throws WayError when it could not be started
 */
export async function openWay(
  request: Request,
  order: Omit<WayOrder, 'terminal'>,
  supervisor: SessionSupervisor,
): Promise<Session> {
  const terminal = terminalOf(request)
  // Before the supervisor begins to copy: whoever opened us has noted how it was, and puts it back.
  if (terminal === 'ours') makeRaw()
  holdSignals()
  supervisor.begin({ ...order, terminal })
  await supervisor.started
  return new WaySession(supervisor)
}

function terminalOf({ tty }: Request): WayOrder['terminal'] {
  return tty ? (isatty(0) && isatty(1) ? 'ours' : 'new') : undefined
}

class WaySession implements Session {
  readonly stdin?: Writable
  readonly stdout?: Readable
  readonly stderr?: Readable
  readonly ended: Promise<Ending>
  readonly #supervisor: SessionSupervisor
  readonly #ownsTerminal = isatty(1)

  constructor(supervisor: SessionSupervisor) {
    const { stdin, stdout, stderr } = supervisor.child
    this.#supervisor = supervisor
    this.ended = supervisor.ended
    if (stdin) this.stdin = stdin
    if (stdout) this.stdout = stdout
    if (stderr) this.stderr = stderr
  }

  readonly resize = (columns: number, rows: number): Promise<void> => {
    this.#supervisor.resize(columns, rows)
    return Promise.resolve()
  }

  readonly signal = (name: NodeJS.Signals): Promise<void> => {
    // The window was closed: with it goes all that runs in its session, jobs too.
    if (name === 'SIGHUP' && this.#ownsTerminal && !isatty(1)) this.#supervisor.release()
    else this.#supervisor.signal(name)
    return Promise.resolve()
  }

  readonly close = async (): Promise<void> => {
    this.#supervisor.release()
    await this.ended
  }
}
