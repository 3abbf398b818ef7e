import type { Duplex, Readable, Writable } from 'node:stream'
import type { Engine } from '../../engine/engine'
import { resizeExec } from '../../engine/exec'
import type { Ending, Session } from '../../model'
import { shortly } from '../../session/beginning'
import type { Output } from '../shared/output'
import { attachFailed, detached, endingOf } from './start'
import { typedInto } from './typed'
import type { Watching } from './watch'

export interface SessionKind {
  readonly tty: boolean
  /** There are keys that leave the session. */
  readonly mayDetach: boolean
  /** The watchdog; absent in a container without a shell. */
  readonly watch: Watching | undefined
  /** Why the command never began, asked once all is over. */
  readonly unbegun: () => Promise<Error | undefined>
}

/** A command that runs by the engine's exec, behind the barrier by now. */
export class ExecSession implements Session {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr?: Readable
  readonly signal?: (name: NodeJS.Signals) => Promise<void>
  readonly ended: Promise<Ending>
  readonly #engine: Engine
  readonly #exec: string
  readonly #connection: Duplex
  readonly #watch: Watching | undefined
  /** Our terminal is gone: then so are the jobs that its shell leaves behind. */
  #hungUp = false
  #closing: Promise<void> | undefined

  constructor(
    engine: Engine,
    exec: string,
    connection: Duplex,
    output: Output,
    { tty, mayDetach, watch, unbegun }: SessionKind,
  ) {
    this.#engine = engine
    this.#exec = exec
    this.#connection = connection
    this.#watch = watch
    this.stdin = tty ? typedInto(connection) : connection
    this.stdout = output.stdout
    if (output.stderr) this.stderr = output.stderr
    if (watch) this.signal = (name) => this.#pass(watch, name)
    this.ended = output.ended.then(async ({ broken }) => {
      const ending = await this.#ending(broken, mayDetach)
      const reason = await unbegun()
      if (reason) throw reason
      return ending
    })
    // Whoever waits for it gets the error; before that it must not count as unhandled.
    this.ended.catch(() => undefined)
  }

  readonly resize = (columns: number, rows: number): Promise<void> =>
    resizeExec(this.#engine, this.#exec, { columns, rows })

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  #pass(watch: Watching, name: NodeJS.Signals): Promise<void> {
    this.#hungUp ||= name === 'SIGHUP'
    return watch.signal(name)
  }

  async #ending(broken: string | undefined, mayDetach: boolean): Promise<Ending> {
    const ending = await endingOf(this.#engine, this.#exec, broken, mayDetach)
    const left = 'lost' in ending && ending.lost === detached
    const mayRun = 'lost' in ending || ('code' in ending && ending.code === attachFailed)
    if (!left && (mayRun || this.#hungUp)) await this.#watch?.release()
    else await this.#watch?.dismiss()
    return ending
  }

  async #close(): Promise<void> {
    await this.#watch?.release()
    // The watchdog needs a second at most; a command it cannot end must not keep us.
    await shortly(this.ended.catch(() => undefined))
    this.#connection.destroy()
  }
}
