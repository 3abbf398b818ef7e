import { Duplex } from 'node:stream'
import type { Peer } from './addresses'
import { count, pieceSize, type Verb, verbs, windowSize } from './carrier-frames'

/** Sends a frame of one socket; `sent` is called once there is room for more. */
export type Send = (verb: Verb, bytes?: Buffer, sent?: () => void) => void

/** A connection that a carrier holds: each way ends by itself, and nothing grows when one side reads slowly. */
export class CarriedStream extends Duplex {
  /** Who has connected; of those that were accepted at a port. */
  readonly from: Peer | undefined
  readonly #send: Send
  readonly #left: () => void
  /** Bytes that may still be sent. */
  #credit = windowSize
  #waiting: { chunk: Buffer; ready: () => void } | undefined
  readonly #come: Buffer[] = []
  #size = 0
  /** Handed on, and not yet said to be. */
  #owed = 0
  #wants = false
  #hasEnd = false
  #sentEnd = false
  #isReset = false
  #isGone = false

  /** @param left nothing more is to be said of it */
  constructor(send: Send, left: () => void, from?: Peer) {
    super({ allowHalfOpen: true })
    this.from = from
    this.#send = send
    this.#left = left
    // Until somebody else hears of it.
    this.on('error', () => undefined)
  }

  /** As of a `Socket`: the other side sees a failure, and no end. */
  resetAndDestroy(): this {
    this.#isReset = true
    return this.destroy()
  }

  /** @returns false for more than was granted */
  come(bytes: Buffer): boolean {
    this.#size += bytes.length
    if (this.#size + this.#owed > windowSize || this.#hasEnd) return false
    this.#come.push(bytes)
    this.#give()
    return true
  }

  comeEnd(): void {
    this.#hasEnd = true
    this.#give()
  }

  granted(bytes: number): void {
    this.#credit += bytes
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting) this._write(waiting.chunk, 'buffer', waiting.ready)
  }

  /** It has ended there: nothing is to be said of it any more. */
  gone(error: Error): void {
    this.#isGone = true
    // Who has just asked for it does not hear it yet.
    setImmediate(() => this.destroy(error))
  }

  override _read(): void {
    this.#wants = true
    this.#give()
  }

  override _write(chunk: Buffer, _: string, ready: () => void): void {
    const now = chunk.subarray(0, Math.min(this.#credit, pieceSize))
    this.#credit -= now.length
    const rest = chunk.subarray(now.length)
    const more = () => this._write(rest, 'buffer', ready)
    if (chunk.length === 0) ready()
    else if (now.length === 0) this.#waiting = { chunk, ready }
    else this.#send(verbs.data, now, rest.length > 0 ? more : ready)
  }

  override _final(ready: () => void): void {
    this.#sentEnd = true
    this.#send(verbs.end)
    ready()
  }

  override _destroy(error: Error | null, ready: (error?: Error | null) => void): void {
    // Both ways have ended: it ends there by itself, once what was sent has been taken.
    const isOver = this.#isGone || (this.#sentEnd && this.#hasEnd)
    if (!isOver) this.#send(this.#isReset ? verbs.reset : verbs.close)
    this.#left()
    ready(error)
  }

  #give(): void {
    while (this.#wants) {
      const bytes = this.#come.shift()
      if (!bytes) break
      this.#size -= bytes.length
      this.#owed += bytes.length
      this.#wants = this.push(bytes)
    }
    if (this.#owed >= windowSize / 4) {
      this.#send(verbs.window, count(this.#owed))
      this.#owed = 0
    }
    if (this.#hasEnd && this.#come.length === 0) this.push(null)
  }
}
