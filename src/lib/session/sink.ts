import { closeSync, constants, fstatSync, openSync, type Stats, write, writeSync, writev } from 'node:fs'
import { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { errno } from '../errors'

/**
 * One of our own descriptors (1 or 2) to write to. Not `process.stdout`: that makes a pipe non-blocking for everybody
 * who shares it, and cannot be awaited to the last byte.
 *
 * A write never keeps us from reading the session, even if who reads ours sleeps: what does not go at once is written
 * beside the event loop.
 */
export class Sink extends Writable {
  readonly #fd: number
  /** Where a write ends at once, with as much as there is room for; -1 when there is no such. */
  #prompt: number | undefined

  constructor(fd: 1 | 2) {
    super({ highWaterMark: 256 * 1024, decodeStrings: true })
    this.#fd = fd
  }

  /**
   * Writes what goes without waiting. The bytes are the caller's again on return.
   * @returns how many have gone, or are for nobody any more; none while others wait for their turn
   */
  now(bytes: Buffer): number {
    if (this.destroyed) return bytes.length
    if (this.writableLength > 0) return 0
    try {
      return this.#promptly(bytes)
    } catch (error) {
      this.destroy(error as Error)
      return bytes.length
    }
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let written: number
    try {
      written = this.#promptly(chunk)
    } catch (error) {
      done(error as Error)
      return
    }
    if (written === chunk.length) done()
    else all(this.#fd, [chunk.subarray(written)], done)
  }

  override _writev(parts: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    const chunks = parts.map(({ chunk }) => chunk)
    all(this.#fd, chunks, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#prompt !== undefined && this.#prompt >= 0 && this.#prompt !== this.#fd) closeSync(this.#prompt)
    done(error)
  }

  #promptly(bytes: Buffer): number {
    // Nothing to write is somebody who waits for what was written before.
    if (bytes.length === 0) return 0
    this.#prompt ??= promptAlias(this.#fd)
    if (this.#prompt < 0) return 0
    try {
      return writeSync(this.#prompt, bytes)
    } catch (error) {
      if (errno(error) === 'EAGAIN') return 0
      throw error
    }
  }
}

/**
 * The same pipe or terminal opened once more, non-blocking for us alone; a file takes what it is given as it is. What
 * cannot be opened so (a socket, a terminal that is another user's) has none: -1.
 */
function promptAlias(fd: number): number {
  try {
    const stat = fstatSync(fd)
    if (stat.isFile()) return fd
    // Opening any other device may have effects of its own.
    if (!stat.isFIFO() && !isatty(fd) && !isMemory(stat)) return -1
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return -1
  }
}

/** /dev/null, /dev/full and their like: Linux's devices with the first number 1. */
function isMemory(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev >> 8 === 1
}

/** At most this many buffers at a time: Linux's IOV_MAX. */
const most = 1024

function all(fd: number, chunks: Buffer[], done: (error?: Error | null) => void): void {
  const now = chunks.slice(0, most)
  const next = (error: NodeJS.ErrnoException | null, written: number) => {
    // Somebody else made it non-blocking and it is full: no event tells when there is room again.
    if (errno(error) === 'EAGAIN') return void setTimeout(() => all(fd, chunks, done), 5)
    if (error) return done(error)
    const left = without(chunks, written)
    if (left.length === 0) done()
    else all(fd, left, done)
  }
  const [first] = now
  if (first && now.length === 1) write(fd, first, next)
  else writev(fd, now, next)
}

function without(chunks: Buffer[], written: number): Buffer[] {
  let left = written
  for (const [index, chunk] of chunks.entries()) {
    if (left < chunk.length) return [chunk.subarray(left), ...chunks.slice(index + 1)]
    left -= chunk.length
  }
  return []
}
