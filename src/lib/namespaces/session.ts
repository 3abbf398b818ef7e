import type { Readable, Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { forKeeper, mayInheritStdout } from '../host/inheritable-stdio'
import type { Ending, Request, Session } from '../model'
import { holdSignals } from '../session/signals'
import { makeRaw } from '../terminal/stty'
import type { WayOrder } from './request'
import { Keeper } from './supervisor'

/**
 * A keeper for a command that is to be told later. A pipe of ours becomes the command's own; all else never does.
 * @param more descriptors for the keeper, from 6 on
 */
export function keeperFor(request: Request, more: readonly number[] = []): Promise<Keeper> {
  const { tty, stdin } = request
  const terminal = terminalOf(request)
  const input = terminal === 'ours' ? 0 : terminal === 'new' ? 'pipe' : stdin ? forKeeper(0) : 'ignore'
  // To a terminal inside the keeper copies itself, whatever ours is.
  const output = !terminal ? forKeeper(1) : terminal === 'ours' || mayInheritStdout() ? 1 : 'pipe'
  return Keeper.start([input, output, tty ? 'ignore' : 'pipe'], more)
}

/**
 * Starts a command by the way into namespaces and hands it out as a session.
 * @param keeper for the same request
 * @throws WayError when it could not be started
 */
export async function openWay(request: Request, order: Omit<WayOrder, 'terminal'>, keeper: Keeper): Promise<Session> {
  const terminal = terminalOf(request)
  // Before the keeper begins to copy: whoever opened us has noted how it was, and puts it back.
  if (terminal === 'ours') makeRaw()
  holdSignals()
  keeper.begin({ ...order, terminal })
  await keeper.started
  return new WaySession(keeper)
}

function terminalOf({ tty }: Request): WayOrder['terminal'] {
  return tty ? (isatty(0) && isatty(1) ? 'ours' : 'new') : undefined
}

class WaySession implements Session {
  readonly stdin?: Writable
  readonly stdout?: Readable
  readonly stderr?: Readable
  readonly ended: Promise<Ending>
  readonly #keeper: Keeper
  readonly #ownsTerminal = isatty(1)

  constructor(keeper: Keeper) {
    const { stdin, stdout, stderr } = keeper.child
    this.#keeper = keeper
    this.ended = keeper.ended
    if (stdin) this.stdin = stdin
    if (stdout) this.stdout = stdout
    if (stderr) this.stderr = stderr
  }

  readonly resize = (columns: number, rows: number): Promise<void> => {
    this.#keeper.resize(columns, rows)
    return Promise.resolve()
  }

  readonly signal = (name: NodeJS.Signals): Promise<void> => {
    // The window was closed: with it goes all that runs in its session, jobs too.
    if (name === 'SIGHUP' && this.#ownsTerminal && !isatty(1)) this.#keeper.release()
    else this.#keeper.signal(name)
    return Promise.resolve()
  }

  readonly close = async (): Promise<void> => {
    this.#keeper.release()
    await this.ended
  }
}
