import type { Duplex, Readable, Writable } from 'node:stream'
import { isatty } from 'node:tty'
import type { Ending, Request, Session } from '../../model'
import { orders } from '../../namespaces/protocol'
import type { Output } from '../shared/output'
import type { Helper } from './helper-container'

/** A command that a supervisor in a helper container keeps: its streams by an exec there, all else by the init's. */
export class HelperSession implements Session {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr?: Readable
  readonly ended: Promise<Ending>
  readonly #helper: Helper
  readonly #connection: Duplex
  readonly #ownsTerminal = isatty(1)
  #closing: Promise<void> | undefined

  constructor(helper: Helper, connection: Duplex, output: Output, { tty }: Request) {
    this.#helper = helper
    this.#connection = connection
    this.stdin = connection
    this.stdout = output.stdout
    if (!tty && output.stderr) this.stderr = output.stderr
    this.ended = this.#end(output)
  }

  readonly resize = (columns: number, rows: number): Promise<void> => {
    this.#helper.say(orders.size(columns, rows))
    return Promise.resolve()
  }

  readonly signal = (name: NodeJS.Signals): Promise<void> => {
    // The window was closed: with it goes all that runs in its session, jobs too.
    if (name === 'SIGHUP' && this.#ownsTerminal && !isatty(1)) this.#helper.letGo()
    else this.#helper.say(orders.kill(name))
    return Promise.resolve()
  }

  readonly close = (): Promise<void> => {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #end(output: Output): Promise<Ending> {
    void this.#helper.words.ended.then((ending) => ending ?? this.#giveUp(output))
    const { broken } = await output.ended
    const ending = await this.#helper.words.ended
    return ending ?? { lost: broken ?? 'the helper container was ended' }
  }

  /** An engine may forget to end what comes from a container that is gone. */
  #giveUp(output: Output): void {
    const late = setTimeout(() => output.break('the helper container was ended'), 2000)
    void output.ended.then(() => clearTimeout(late))
  }

  async #close(): Promise<void> {
    // Not the other way round: its end is the end of whatever of the output is not here yet.
    await this.#helper.release()
    this.#connection.destroy()
  }
}
