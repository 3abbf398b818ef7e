import { Duplex, type Writable } from 'node:stream'
import { readInPlace } from '../engine/in-place'

/** Two streams as one. Writes of one turn go out together; what is read is waited for. */
export class Joined extends Duplex {
  readonly #from: Duplex
  readonly #to: Writable
  #isLent = false

  constructor(from: Duplex, to: Writable) {
    super({ allowHalfOpen: true, writableHighWaterMark: 256 * 1024 })
    this.#from = from
    this.#to = to
    this.on('error', () => undefined)
    readInPlace(from, (bytes) => this.#take(bytes))
    from.once('end', () => this.push(null))
    from.once('error', (error) => this.destroy(error))
    to.once('error', (error) => this.destroy(error))
    from.pause()
  }

  /** From now on whoever listens to 'data' keeps nothing of it: the memory is used again when that is done. */
  lend(): void {
    this.#isLent = true
  }

  #take(bytes: Buffer): void {
    if (this.#isLent && this.readableFlowing && this.readableLength === 0) this.emit('data', bytes)
    else if (!this.push(Buffer.from(bytes))) this.#from.pause()
  }

  override _read(): void {
    this.#from.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#to.write(chunk, done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#to.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  override _final(done: () => void): void {
    this.#to.end(() => done())
  }
}
