import { randomBytes } from 'node:crypto'
import { existsSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A path of its own for a moment, in a folder from which programs can be run: /tmp is often mounted without. */
export function scratchPath(): string {
  const name = `docker-bash-${randomBytes(8).toString('hex')}`
  return join(process.getuid?.() === 0 && existsSync('/run') ? '/run' : tmpdir(), name)
}

/**
 * A file for a child to read or write by its descriptor (`/proc/self/fd/N`), with no name from its first moment on
 * but one: nothing to find for others, nothing to remove after a crash. In memory where the system has a place for it.
 * @returns an open descriptor, ours to close
 */
export function namelessFile(content = ''): number {
  for (const folder of ['/dev/shm', tmpdir()]) {
    const path = join(folder, `docker-bash-${randomBytes(8).toString('hex')}`)
    let fd: number
    try {
      fd = openSync(path, 'wx+', 0o600)
    } catch (error) {
      if (folder === tmpdir()) throw error
      continue
    }
    unlinkSync(path)
    const bytes = Buffer.from(content)
    // By position: whoever inherits the descriptor reads from the start.
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at)
    return fd
  }
  throw new TypeError('no folder for temporary files')
}
