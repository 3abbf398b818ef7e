import { closeSync, read, writeSync } from 'node:fs'
import { Readable } from 'node:stream'
import { DockerBashError, messageOf } from '../errors'
import { unnamedFile } from '../session/spool-file'

/** Bytes held in memory before a file is used. */
const inMemory = 1024 * 1024

/** Our whole input, to be read any number of times: in memory, or in a temporary file without a name. */
export class SharedInput {
  #memory: Buffer[] = []
  #length = 0
  #fd: number | undefined

  /**
   * Reads the source to its end.
   * @throws DockerBashError when it cannot be kept
   */
  static async read(source: Readable): Promise<SharedInput> {
    const input = new SharedInput()
    try {
      for await (const chunk of source) input.#put(chunk as Buffer)
    } catch (cause) {
      input.close()
      throw new DockerBashError(`cannot keep the input for every container: ${messageOf(cause)}`, {
        hint: 'nothing was started; TMPDIR names a folder with more room',
        cause,
      })
    }
    return input
  }

  /** All of it, from the start. */
  stream(): Readable {
    if (this.#fd === undefined) return Readable.from(this.#memory, { objectMode: false })
    const fd = this.#fd
    let at = 0
    return new Readable({
      read(size) {
        const chunk = Buffer.allocUnsafe(size)
        read(fd, chunk, 0, size, at, (error, count) => {
          at += count
          if (error) this.destroy(error)
          else this.push(count === 0 ? null : chunk.subarray(0, count))
        })
      },
    })
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    this.#memory = []
  }

  #put(chunk: Buffer): void {
    if (this.#fd === undefined && this.#length + chunk.length > inMemory) {
      this.#fd = unnamedFile()
      for (const held of this.#memory.splice(0)) writeAll(this.#fd, held)
    }
    if (this.#fd === undefined) this.#memory.push(chunk)
    else writeAll(this.#fd, chunk)
    this.#length += chunk.length
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at)
}
