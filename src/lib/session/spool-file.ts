import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync, openSync, read, statfsSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors'
import { onDisk } from '../host/temporary-places'

/**
 * A temporary file that has lost its name already: nobody else finds it, and it goes when it is closed or we are.
 * @param folders the first that is there and has room
 * @throws when their disks are all nearly full: others on this host need the rest
 */
export function unnamedFile(folders: readonly string[] = onDisk()): number {
  const refused: string[] = []
  for (const folder of folders) {
    try {
      return unnamedFileIn(folder)
    } catch (error) {
      refused.push(`${folder}: ${messageOf(error)}`)
    }
  }
  throw new Error(refused.join('; '))
}

function unnamedFileIn(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < 1024 ** 3) throw new Error('too little room')
  const path = join(folder, `docker-bash-${randomBytes(8).toString('hex')}`)
  const fd = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  return fd
}

/** A temporary file without a name: written at its end, read from its start, gone when it is closed or we are. */
export class SpoolFile {
  readonly #fd: number
  #written = 0
  #taken = 0

  constructor(folders: readonly string[] | undefined) {
    this.#fd = unnamedFile(folders)
  }

  get length(): number {
    return this.#written - this.#taken
  }

  append(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      at += writeSync(this.#fd, chunk, at, chunk.length - at, this.#written + at)
    }
    this.#written += chunk.length
  }

  take(done: (error: Error | null, chunk: Buffer) => void): void {
    const chunk = Buffer.allocUnsafe(Math.min(this.length, 256 * 1024))
    read(this.#fd, chunk, 0, chunk.length, this.#taken, (error, count) => {
      if (error) return done(error, chunk)
      if (count === 0) return done(new Error(`the spool file lost ${fstatSync(this.#fd).size} bytes`), chunk)
      this.#taken += count
      // Empty: start over, so that the file does not grow for ever.
      if (this.#taken === this.#written) this.#taken = this.#written = 0
      done(null, chunk.subarray(0, count))
    })
  }

  close(): void {
    closeSync(this.#fd)
  }
}
