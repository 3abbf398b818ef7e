import { sweeper } from '../host/force-young-gc'
import { NotTar } from './tar-format'

/** The stream of a tar, by the byte. */
export class TarBytes {
  readonly #chunks: AsyncIterator<Buffer>
  readonly #sweep = sweeper()
  #here = Buffer.alloc(0) as Buffer

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** @returns undefined at the end of the stream */
  async take(size: number): Promise<Buffer | undefined> {
    const got: Buffer[] = []
    let count = 0
    while (count < size) {
      const some = await this.#some(size - count)
      if (!some && count === 0) return undefined
      if (!some) throw new NotTar('it ends too early')
      got.push(some)
      count += some.length
    }
    return got.length === 1 ? (got[0] as Buffer) : Buffer.concat(got)
  }

  async whole(size: number): Promise<Buffer> {
    const got = await this.take(size)
    if (!got && size > 0) throw new NotTar('it ends too early')
    return got ?? Buffer.alloc(0)
  }

  async *some(left: { bytes: number }): AsyncGenerator<Buffer> {
    while (left.bytes > 0) {
      const got = await this.#some(left.bytes)
      if (!got) throw new NotTar('it ends too early')
      left.bytes -= got.length
      yield got
    }
  }

  async pass(size: number): Promise<void> {
    for await (const _ of this.some({ bytes: size }));
  }

  /** To the end, so that whoever writes can end. */
  async rest(): Promise<void> {
    while (await this.#some(Number.MAX_SAFE_INTEGER));
  }

  async #some(most: number): Promise<Buffer | undefined> {
    while (this.#here.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done) return undefined
      this.#here = value
      this.#sweep(value.length)
    }
    const got = this.#here.subarray(0, most)
    this.#here = this.#here.subarray(got.length)
    return got
  }
}
