import { closeSync, constants, fstatSync, opendirSync, openSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { O_PATH } from './o-path'

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/**
 * A container's files, looked at from the host through /proc/PID/root, as the container itself would see them.
 *
 * Every link is followed inside the container's root, one name at a time and each by descriptor: an absolute link
 * does not lead to the host's file of that name, and one that is swapped meanwhile leads nowhere else either.
 */
export class ContainerRoot {
  readonly #root: string

  constructor(pid: number) {
    this.#root = `/proc/${pid}/root`
  }

  /** What is at a path; undefined when there is nothing. */
  stat(path: string): Stats | undefined {
    return this.#at(path, (fd) => fstatSync(fd))
  }

  /** A regular file's bytes; undefined when it is none, is larger than `limit`, or is not there. */
  read(path: string, limit: number): Buffer | undefined {
    return this.#at(path, (fd) => {
      const stat = fstatSync(fd)
      return stat.isFile() && stat.size <= limit ? firstBytes(fd, stat.size) : undefined
    })
  }

  /** What is at a path, and of a regular file no more than its first `most` bytes; undefined when there is nothing. */
  head(path: string, most: number): { stat: Stats; head: Buffer } | undefined {
    return this.#at(path, (fd) => {
      const stat = fstatSync(fd)
      return { stat, head: firstBytes(fd, stat.isFile() ? Math.min(stat.size, most) : 0) }
    })
  }

  /**
   * Names in a folder, each with a slash behind if it is, or leads to, a folder; none of what is not one.
   * @param fits which are meant
   * @param most no more are looked at
   */
  names(path: string, fits: (name: string) => boolean, most: number): string[] {
    const entries = this.#at(path, (fd) => {
      const folder = opendirSync(`/proc/self/fd/${fd}`)
      try {
        const found = []
        for (let left = most; left > 0; left--) {
          const entry = folder.readSync()
          if (!entry) break
          if (fits(entry.name)) found.push(entry)
        }
        return found
      } finally {
        folder.closeSync()
      }
    })
    return (entries ?? []).map((entry) => {
      const isFolder = entry.isSymbolicLink()
        ? this.stat(`${path}/${entry.name}`)?.isDirectory() === true
        : entry.isDirectory()
      return isFolder ? `${entry.name}/` : entry.name
    })
  }

  #at<T>(path: string, use: (fd: number) => T): T | undefined {
    /** The folders on the way, so that `..` goes back as the container means it. */
    const way: number[] = []
    try {
      way.push(openSync(this.#root, O_PATH | O_DIRECTORY))
      const fd = this.#walk(way, path)
      return fd === undefined ? undefined : use(fd)
    } catch {
      // Not there, not a folder, not ours to see: there is nothing at that path.
      return undefined
    } finally {
      for (const fd of way) closeSync(fd)
    }
  }

  /** Leaves what was found as the last of `way`. */
  #walk(way: number[], path: string): number | undefined {
    const names = path.split('/').filter((name) => name !== '' && name !== '.')
    for (let links = 0; names.length > 0; ) {
      const name = names.shift() ?? ''
      if (name === '..') {
        if (way.length > 1) closeSync(way.pop() ?? -1)
        continue
      }
      const here = `/proc/self/fd/${way.at(-1)}/${name}`
      const fd = openSync(here, O_PATH | O_NOFOLLOW)
      if (!fstatSync(fd).isSymbolicLink()) {
        way.push(fd)
        continue
      }
      closeSync(fd)
      if (++links > 40) return undefined
      const leads = readlinkSync(here)
      if (leads.startsWith('/')) for (const above of way.splice(1)) closeSync(above)
      names.unshift(...leads.split('/').filter((part) => part !== '' && part !== '.'))
    }
    return way.at(-1)
  }
}

/** @param fd a regular file's, by its name alone */
function firstBytes(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size)
  if (size === 0) return bytes
  // A second open by way of the first: the same file, now to be read.
  const file = openSync(`/proc/self/fd/${fd}`, O_RDONLY | O_NONBLOCK)
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, size, 0))
  } finally {
    closeSync(file)
  }
}
