import { fstatSync, read } from 'node:fs'
import type { Writable } from 'node:stream'
import { type Sending, sendFile } from './send-file'

/** Enough that a turn costs little beside what it moves, and two of them still fit a processor's cache. */
const size = 512 * 1024

/** From here on a process that has the kernel send it is worth its start. */
const large = 32 * 1024 * 1024

/**
 * A file, open for reading, as a session's input: one half of the memory is read into while the other is written. A
 * stream would take fresh memory for each piece, which costs as much as copying it.
 */
export class FileInput {
  readonly #fd: number
  #stopped = false
  #sending: Sending | undefined

  constructor(fd: number) {
    this.#fd = fd
  }

  /** Reads to the end, or until it is stopped, and ends `to`. What cannot be read (a folder) is at its end. */
  async feed(to: Writable): Promise<void> {
    // However that went: the file's position is where the rest begins.
    if (fstatSync(this.#fd).size >= large) await this.#send(to)
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
    this.#sending?.stop()
  }

  async #send(to: Writable): Promise<void> {
    // What was written before goes first.
    await new Promise((settle) => to.write('', settle))
    if (this.#stopped) return
    this.#sending = sendFile(this.#fd, to)
    await this.#sending?.ended
  }

  #read(into: Buffer): Promise<number> {
    return new Promise((settle) =>
      read(this.#fd, into, 0, into.length, null, (error, count) => settle(error ? 0 : count)),
    )
  }
}
