import { Writable } from 'node:stream'

/** One of the two outputs of a channel. What is written goes out as its window opens. */
export class Outlet extends Writable {
  #left: Buffer = Buffer.alloc(0)
  #done: ((error?: Error | null) => void) | undefined
  readonly #flush: () => void
  readonly #end: () => void

  constructor(flush: () => void, end: () => void) {
    super({ highWaterMark: 64 * 1024 })
    this.#flush = flush
    this.#end = end
    // A client that leaves is no failure of ours; whoever writes hears of it.
    this.on('error', () => undefined)
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#left = bytes
    this.#done = done
    this.#flush()
  }

  override _final(done: () => void): void {
    this.#end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const waiting = this.#done
    this.#done = undefined
    waiting?.(error ?? closedChannel())
    done(error)
  }

  get isWaiting(): boolean {
    return this.#done !== undefined
  }

  /** @returns up to so many of the bytes that wait */
  next(most: number): Buffer {
    const piece = this.#left.subarray(0, most)
    this.#left = this.#left.subarray(piece.length)
    return piece
  }

  /** Takes the next write once all of this one has gone. */
  settle(): void {
    const done = this.#done
    if (!done || this.#left.length > 0) return
    this.#done = undefined
    done()
  }
}

/** What writing to a pipe says whose reader has left. */
export function closedChannel(): Error {
  return Object.assign(new Error('the channel is closed'), { code: 'EPIPE' })
}
