import type { Duplex } from 'node:stream'
import { type Engine, refusalOf } from '../../engine/engine'
import { createExec, startExec } from '../../engine/exec'
import { orders, watchdogArgv } from '../../inside/watchdog'

/** The watchdog of one session, wherever it is. */
export interface Watching {
  /** Why there is none. */
  readonly lost: string | undefined
  /** Settles once it starts even if we are gone. */
  start(): Promise<void>
  /** @param pid the command's, by the container's own numbers */
  watch(pid: number): Promise<void>
  signal(name: NodeJS.Signals): Promise<void>
  /** The command ended by itself: the watchdog leaves and touches nothing. */
  dismiss(): Promise<void>
  /** Ends the command and all of its session. */
  release(): Promise<void>
}

/**
 * The watchdog of one session, as we hold it: an exec of its own whose stdin stays open as long as we live.
 * It may fail to start where the command itself could (no process left under the pids limit); then `lost` says why.
 */
export class Watch implements Watching {
  readonly #engine: Engine
  readonly #id: string
  #link: Promise<Duplex> | undefined
  lost: string | undefined

  private constructor(engine: Engine, id: string) {
    this.#engine = engine
    this.#id = id
  }

  /** Made in the engine, not started. */
  static async create(
    engine: Engine,
    container: string,
    shell: string,
    tag: string,
    user: string | undefined,
  ): Promise<Watch> {
    const id = await createExec(engine, container, {
      command: watchdogArgv(shell, tag),
      user,
      workdir: '/',
      stdin: true,
    })
    return new Watch(engine, id)
  }

  /** Settles once the engine has taken the order to start. */
  async start(): Promise<void> {
    this.#link ??= startExec(this.#engine, this.#id, false).then((link) => {
      // The watchdog says nothing; reading is what notices that it ended.
      link.resume()
      link.on('error', () => undefined)
      return link
    })
    try {
      await this.#link
    } catch (error) {
      this.lost = refusalOf(error)
    }
  }

  watch(pid: number): Promise<void> {
    return this.#say(orders.watch(pid))
  }

  signal(name: NodeJS.Signals): Promise<void> {
    return this.#say(orders.signal(name))
  }

  async dismiss(): Promise<void> {
    await this.#say(orders.done)
    await this.#end()
  }

  release(): Promise<void> {
    return this.#end()
  }

  /** Closes the watchdog's input. What it does then goes on without us, so it does not keep us. */
  async #end(): Promise<void> {
    const link = await this.#link?.catch(() => undefined)
    link?.end()
    if (link && 'unref' in link && typeof link.unref === 'function') link.unref()
  }

  async #say(order: string): Promise<void> {
    const link = await this.#link?.catch(() => undefined)
    if (!link || link.destroyed) return
    await new Promise<void>((said) => link.write(order, () => said()))
  }
}
