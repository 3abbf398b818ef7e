import type { Duplex } from 'node:stream'
import { cutOff, frames } from '../../engine/frames'
import { readInPlace } from '../../engine/in-place'
import { messageOf } from '../../errors'
import { Spool, type SpoolLimits } from '../../session/spool'

export type Filter = ((bytes: Buffer) => Buffer | undefined) | undefined

/**
 * The output side of an exec's connection: read without a pause from the first byte on, taken apart into stdout and
 * stderr, and held for readers who are slower.
 */
export class Output {
  readonly stdout: Spool
  readonly stderr: Spool | undefined
  /** Settles when the engine has ended the stream or the connection broke; then with the reason. */
  readonly ended: Promise<{ broken?: string }>
  /** Each sees a stream's bytes first and says what of them is output; absent when all is. */
  #filters: { stdout?: Filter; stderr?: Filter } = {}
  #held: NodeJS.Timeout | undefined
  readonly #connection: Duplex

  /**
   * @param stillRuns asked while the readers are so slow that reading had to stop: once the process has ended, the
   * engine keeps the rest for two seconds only, so it is read at any price
   * @param limits of what is held for slow readers, for each of the two
   */
  constructor(
    connection: Duplex,
    tty: boolean,
    stillRuns: () => Promise<boolean>,
    warn: (text: string) => void,
    limits: Partial<SpoolLimits> = {},
  ) {
    this.#connection = connection
    this.stdout = new Spool(limits)
    this.stderr = tty ? undefined : new Spool(limits)
    const framed = frames((source, bytes) => this.#take(source, bytes))
    const split = tty ? (chunk: Buffer) => this.#take('stdout', chunk) : framed
    this.ended = new Promise((settle) => {
      const finish = (broken?: string) => {
        clearInterval(this.#held)
        this.stdout.finish()
        this.stderr?.finish()
        settle(broken === undefined ? {} : { broken })
      }
      connection.once('end', () => finish(framed.isWhole() ? undefined : cutOff))
      connection.once('error', (error) => finish(messageOf(error)))
      connection.once('close', () => finish('the connection was closed'))
      readInPlace(connection, (chunk) => {
        try {
          split(chunk)
        } catch (error) {
          connection.destroy()
          finish(messageOf(error))
        }
        if (this.#full && !this.#held) this.#hold(connection, stillRuns, warn)
      })
    })
  }

  /** Gives the connection up, for a reason of ours. */
  break(why: string): void {
    this.#connection.destroy(new Error(why))
  }

  /**
   * Every further chunk of a stream goes through here until it is set to undefined. The bytes are good until it
   * returns: who keeps them copies them.
   */
  filter(see: Filter, source: 'stdout' | 'stderr' = 'stdout'): void {
    this.#filters[source] = see
  }

  #take(source: 'stdout' | 'stderr', bytes: Buffer): void {
    const see = this.#filters[source]
    const output = see ? see(bytes) : bytes
    if (output) this[source]?.put(output)
  }

  get #full(): boolean {
    return this.stdout.full || (this.stderr?.full ?? false)
  }

  /** Lets the stream back up until there is room, and watches meanwhile so that nothing is lost by it. */
  #hold(connection: Duplex, stillRuns: () => Promise<boolean>, warn: (text: string) => void): void {
    warn('the output is not read and the spool is full: the command inside now waits')
    connection.pause()
    const go = () => {
      clearInterval(this.#held)
      this.#held = undefined
      for (const spool of spools) spool.off('room', roomy)
      connection.resume()
    }
    const roomy = () => {
      if (!this.#full) go()
    }
    const spools = this.stderr ? [this.stdout, this.stderr] : [this.stdout]
    for (const spool of spools) spool.on('room', roomy)
    this.#held = setInterval(() => {
      void stillRuns().then((runs) => {
        if (!runs) go()
      }, go)
    }, 500)
  }
}
