import { randomBytes } from 'node:crypto'
import { accessSync, closeSync, constants, ftruncateSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errno, messageOf } from '../errors'

/** Linux's O_TMPFILE, O_DIRECTORY with it: a file that never has a name. Node does not know the number. */
const O_TMPFILE = 0o20200000

/** A folder that something temporary can be in; the others that were tried before it, and what was wrong with each. */
export interface Placed<T> {
  readonly made?: T
  readonly folder?: string
  readonly refused: readonly string[]
}

const ours = () => (process.getuid?.() === 0 ? ['/run'] : [])

/** Folders for small files, the best first: in memory, then on a disk. */
export function* forFiles(): Iterable<string> {
  yield* ['/dev/shm', ...ours()]
  yield* onDisk()
}

/** For what is large. */
export const forLarge = () => [...onDisk(), '/dev/shm', ...ours()]

/** For programs: /tmp and /dev/shm are often mounted so that nothing can be run from them, /run sometimes. */
export function* forPrograms(): Iterable<string> {
  yield* [...ours(), '/dev/shm']
  yield* onDisk()
}

/** For what nobody knows how large it gets. */
export const onDisk = () => [...new Set([tmpdir(), '/var/tmp'])]

/** Has something made in the first of these folders where it can be; one that is named twice is tried once. */
export async function inFirst<T>(
  folders: Iterable<string>,
  make: (folder: string) => T | Promise<T>,
): Promise<Placed<T>> {
  const tried = new Set<string>()
  const refused: string[] = []
  for (const folder of folders) {
    if (tried.has(folder)) continue
    tried.add(folder)
    try {
      return { made: await make(folder), folder, refused }
    } catch (error) {
      refused.push(`${folder}: ${why(error)}`)
    }
  }
  return { refused }
}

/**
 * An open file there that has no name, so that nobody else finds it, and nothing is to be removed after a crash.
 * @throws when there is no room for a page of it: who writes to it later may have no words for that
 */
export function nameless(folder: string): number {
  const fd = open(folder)
  try {
    writeSync(fd, page, 0, page.length, 0)
    ftruncateSync(fd, 0)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

const page = Buffer.alloc(4096)

/** The same, for a program. @throws EACCES where nothing can be run */
export function namelessRunnable(folder: string): number {
  const fd = nameless(folder)
  try {
    // The kernel says no for a mount that is noexec, whatever the file's mode is.
    accessSync(`/proc/self/fd/${fd}`, constants.X_OK)
    return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
}

function open(folder: string): number {
  try {
    return openSync(folder, O_TMPFILE | constants.O_RDWR, 0o700)
  } catch (error) {
    if (!['EOPNOTSUPP', 'EISDIR', 'EINVAL'].includes(errno(error) ?? '')) throw error
    // A file system that cannot do that: then it loses its name at once.
    const path = join(folder, `.docker-bash-${randomBytes(8).toString('hex')}`)
    const fd = openSync(path, 'wx+', 0o700)
    unlinkSync(path)
    return fd
  }
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'nothing can be run from it',
  EDQUOT: 'no room',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOENT: 'not there',
  ENOSPC: 'no room',
  ENOTDIR: 'not a folder',
  EPERM: 'may not be written to',
  EROFS: 'read-only',
}

function why(error: unknown): string {
  const code = errno(error)
  // EACCES at the opening is somebody else's folder; node says which call it was.
  if (code === 'EACCES' && !messageOf(error).includes('access')) return 'may not be written to'
  return words[code ?? ''] ?? messageOf(error)
}
