import { Duplex, type Readable, type Writable } from 'node:stream'

/** Two streams as one. Writes of one turn go out together; what is read is waited for. */
export class Joined extends Duplex {
  readonly #from: Readable
  readonly #to: Writable

  constructor(from: Readable, to: Writable) {
    super({ allowHalfOpen: true, writableHighWaterMark: 256 * 1024 })
    this.#from = from
    this.#to = to
    this.on('error', () => undefined)
    from.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) from.pause()
    })
    from.once('end', () => this.push(null))
    from.once('error', (error) => this.destroy(error))
    to.once('error', (error) => this.destroy(error))
    from.pause()
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
