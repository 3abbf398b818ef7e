import { type Duplex, Readable } from 'node:stream'
import { frames } from './frames'

/** The stdout in an engine's framed stream, which waits while it is not read. */
export class FramedOutput extends Readable {
  readonly #stream: Duplex

  constructor(stream: Duplex) {
    super({ highWaterMark: 256 * 1024 })
    this.#stream = stream
    const split = frames((source, bytes) => {
      if (source === 'stdout' && !this.push(bytes)) stream.pause()
    })
    stream.on('data', (chunk: Buffer) => {
      try {
        split(chunk)
      } catch (error) {
        this.destroy(error instanceof Error ? error : undefined)
      }
    })
    stream.once('end', () => this.push(null))
    stream.once('close', () => this.push(null))
  }

  override _read(): void {
    this.#stream.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#stream.destroy()
    done(error)
  }
}
