import { Readable } from 'node:stream'

/** A channel's output with its first bytes taken out: back-pressure is handed on, so a slow reader slows the command. */
export class Tap extends Readable {
  readonly #source: Readable
  /** Sees the bytes first and says what of them is output. */
  #first: ((bytes: Buffer) => Buffer | undefined) | undefined

  constructor(source: Readable) {
    super({ highWaterMark: 256 * 1024 })
    this.#source = source
    source.on('data', (chunk: Buffer) => {
      if (this.destroyed) return
      const bytes = this.#first ? this.#first(chunk) : chunk
      if (bytes && bytes.length > 0 && !this.push(bytes)) source.pause()
    })
    source.once('end', () => this.push(null))
    source.once('error', (error) => this.destroy(error))
  }

  through(see: ((bytes: Buffer) => Buffer | undefined) | undefined): void {
    this.#first = see
  }

  override _read(): void {
    this.#source.resume()
  }

  /** A reader who left: the rest is read and dropped, since a channel closes only once it is empty. */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.resume()
    done(error)
  }
}
