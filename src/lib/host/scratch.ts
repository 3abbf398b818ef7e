import { closeSync, constants, copyFile, existsSync, openSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'

/** Linux's O_TMPFILE, O_DIRECTORY with it: a file that never has a name. Node does not know the number. */
const O_TMPFILE = 0o20200000

/**
 * A file for a child to read or write by its descriptor (`/proc/self/fd/N`): nothing to find for others, nothing to
 * remove after a crash, because it never has a name. In memory where the system has a place for it.
 * @param folders the first that is there; else the one for what is temporary
 * @returns an open descriptor, ours to close
 */
export function namelessFile(content: string | Buffer = '', folders = ['/dev/shm']): number {
  const folder = folders.find((path) => existsSync(path)) ?? tmpdir()
  const fd = openSync(folder, O_TMPFILE | constants.O_RDWR, 0o700)
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  // By position: whoever inherits the descriptor reads from the start.
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at)
  return fd
}

/** A copy of a program of the host's that can be run by its descriptor, and is nobody's file. Made beside the event loop. */
export async function namelessProgram(path: string): Promise<number> {
  // /tmp is often mounted so that nothing can be run from it.
  const written = namelessFile('', process.getuid?.() === 0 ? ['/run'] : [])
  try {
    // By the kernel, without a byte through us.
    await promisify(copyFile)(path, `/proc/self/fd/${written}`)
    // Nobody may have it open for writing when it is run.
    return openSync(`/proc/self/fd/${written}`, constants.O_RDONLY)
  } finally {
    closeSync(written)
  }
}
