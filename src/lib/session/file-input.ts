import { read } from 'node:fs'
import type { Writable } from 'node:stream'

/** Enough that a turn costs little beside what it moves, and two of them still fit a processor's cache. */
const size = 512 * 1024

/**
 * A file, open for reading, as a session's input: one half of the memory is read into while the other is written. A
 * stream would take fresh memory for each piece, which costs as much as copying it.
 */
export class FileInput {
  readonly #fd: number
  #stopped = false

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Reads to the end, or until it is stopped, and ends `to`. What cannot be read (a folder) is at its end. */
  async feed(to: Writable): Promise<void> {
    let [free, busy] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)]
    let written: Promise<boolean> = Promise.resolve(true)
    while (!this.#stopped) {
      const count = await this.#read(free)
      if (!(await written) || this.#stopped) return
      if (count === 0) return void to.end()
      const bytes = free.subarray(0, count)
      written = new Promise((settle) => to.write(bytes, (error) => settle(!error)))
      ;[free, busy] = [busy, free]
    }
  }

  stop(): void {
    this.#stopped = true
  }

  #read(into: Buffer): Promise<number> {
    return new Promise((settle) =>
      read(this.#fd, into, 0, into.length, null, (error, count) => settle(error ? 0 : count)),
    )
  }
}
