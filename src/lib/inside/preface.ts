import { DockerBashError } from '../errors'
import { type BarrierWord, readBarrier } from './barrier'

/** Bytes that a dynamic loader, a profile or a login shell may print before the barrier's line. */
export const longestPreface = 1024 * 1024

/**
 * What comes before the barrier's line, and the line itself. The container decides what comes, and in how small pieces:
 * each byte is looked at once, and no more is held than the bound.
 */
export class Preface {
  readonly #tag: string
  readonly #name: string
  #bytes: Buffer = Buffer.alloc(0)
  #length = 0
  /** Where the line begins that has not ended yet. */
  #line = 0

  /** @param name the container's */
  constructor(tag: string, name: string) {
    this.#tag = tag
    this.#name = name
  }

  /**
   * The bytes are the caller's again on return.
   * @returns undefined while the barrier's line is not complete; else its word, the line from the tag on, and the bytes
   * before and behind it
   * @throws DockerBashError when too much comes before it
   */
  take(chunk: Buffer): { word: BarrierWord; line: string; before: Buffer; behind: Buffer } | undefined {
    const from = this.#length
    this.#hold(chunk)
    const held = this.#bytes.subarray(0, this.#length)
    for (let end = held.indexOf(0x0a, from); end >= 0; end = held.indexOf(0x0a, this.#line)) {
      const line = held.subarray(this.#line, end + 1)
      const read = readBarrier(line, this.#tag)
      if (read) {
        const before = held.subarray(0, this.#line + read.before.length)
        return {
          word: read.word,
          line: line.toString('latin1', read.before.length),
          before,
          behind: held.subarray(end + 1),
        }
      }
      this.#line = end + 1
    }
    if (this.#length > longestPreface) throw flood(this.#name)
    return undefined
  }

  /** What came so far. */
  toString(): string {
    return this.#bytes.toString('utf8', 0, this.#length)
  }

  #hold(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, 2 * this.#bytes.length))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    chunk.copy(this.#bytes, this.#length)
    this.#length = length
  }
}

export function flood(name: string): DockerBashError {
  return new DockerBashError(`more than 1 MiB came from ${name} before the command began`, {
    hint: `a file that its shell reads first, like ~/.bashrc, prints without end; docker-bash explain ${name} shows the other ways in`,
  })
}
