import { closeSync, constants, copyFile, openSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { DockerBashError } from '../errors'
import { memoryFile } from './memory-file'
import { forFiles, forPrograms, inFirst, nameless, namelessRunnable } from './temporary-places'

/**
 * A file for a child to read or write by its descriptor (`/proc/self/fd/N`): nothing to find for others, nothing to
 * remove after a crash, because it never has a name. Where no folder has room for it, in the kernel's own memory.
 * @param folders the first that has room
 * @returns an open descriptor, ours to close
 * @throws DockerBashError when there is room nowhere
 */
export async function namelessFile(
  content: string | Buffer = '',
  folders: Iterable<string> = forFiles(),
): Promise<number> {
  const { made, refused } = await inFirst(folders, (folder) => filled(nameless(folder), content))
  if (made !== undefined) return made
  try {
    return filled(await memoryFile(), content)
  } catch (cause) {
    throw new DockerBashError('there is no place for a temporary file', {
      lines: refused,
      hint: 'make room in one of them, or name another folder: TMPDIR=DIR docker-bash …',
      cause,
    })
  }
}

/**
 * A copy of a program of the host's that can be run by its descriptor, and is nobody's file. Made beside the event loop.
 * @throws DockerBashError when it can be run from nowhere
 */
export async function namelessProgram(path: string): Promise<number> {
  const { made, refused } = await inFirst(forPrograms(), (folder) => copied(path, namelessRunnable(folder)))
  if (made !== undefined) return made
  try {
    return await copied(path, await memoryFile())
  } catch (cause) {
    throw new DockerBashError(`there is no place to run a copy of ${path} from`, {
      lines: refused,
      hint: 'make room in one of them, mount it without noexec, or name another folder: TMPDIR=DIR docker-bash …',
      cause,
    })
  }
}

/** @param fd closed if that fails */
function filled(fd: number, content: string | Buffer): number {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  try {
    // By position: whoever inherits the descriptor reads from the start.
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, at)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

/** @param written closed: nobody may have a program open for writing when it is run */
async function copied(path: string, written: number): Promise<number> {
  try {
    // By the kernel, without a byte through us.
    await promisify(copyFile)(path, `/proc/self/fd/${written}`)
    return openSync(`/proc/self/fd/${written}`, constants.O_RDONLY)
  } finally {
    closeSync(written)
  }
}
