import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { errno, messageOf } from '../errors'

/** A file that is not read, and why: what kind of file it is, or its size. The message is a clause: `it is …`. */
export class FileRefused extends Error {}

export interface Bound {
  /** In bytes; a larger file is refused, not cut. */
  readonly most: number
  /** The last part of the path is not a link. */
  readonly noLink?: boolean
  /** Judges what was opened, before a byte is read; throws to refuse it. */
  readonly judge?: (stat: Stats) => void
}

// Without Node's types for what a system may lack: a flag that is not there is 0.
const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0, O_NOCTTY = 0 } = constants

/**
 * The bytes of a regular file. Whoever else may have put something there, it neither blocks nor fills our memory: a
 * FIFO, a device or a socket is refused before it is read, and a file that grows is read to the bound.
 * @throws FileRefused, or the system's error
 */
export function readBounded(path: string, { most, noLink = false, judge }: Bound): Buffer {
  // Non-blocking: opening a FIFO waits for its writer otherwise. Node opens with O_CLOEXEC.
  const file = openSync(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | (noLink ? O_NOFOLLOW : 0))
  try {
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new FileRefused('it is not a regular file')
    judge?.(stat)
    if (stat.size > most) throw tooLarge(most)
    return readAll(file, stat.size, most)
  } finally {
    closeSync(file)
  }
}

/** The same as text, UTF-8. */
export function readBoundedText(path: string, bound: Bound): string {
  return readBounded(path, bound).toString('utf8')
}

/**
 * The bytes of what the user names on the command line, which may be a pipe (`<(…)`) or `/dev/null`: waited for, as the
 * user asks for it, and read to the bound.
 * @throws FileRefused, or the system's error
 */
export function readNamed(path: string, most: number): Buffer {
  const file = openSync(path, O_RDONLY | O_NOCTTY)
  try {
    return readAll(file, 0, most)
  } finally {
    closeSync(file)
  }
}

/** @param size as far as it is known; /proc says 0 for every file */
function readAll(file: number, size: number, most: number): Buffer {
  // A byte more than there should be, so that the end is seen.
  let bytes = Buffer.allocUnsafe(Math.min(size || 4096, most) + 1)
  let length = 0
  for (;;) {
    if (length > most) throw tooLarge(most)
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(bytes.length * 2, most + 1))
    const count = readSync(file, bytes, length, bytes.length - length, null)
    if (count === 0) return bytes.subarray(0, length)
    length += count
  }
}

function tooLarge(most: number): FileRefused {
  const size = most >= 1024 * 1024 ? `${most / (1024 * 1024)} MiB` : `${most / 1024} KiB`
  return new FileRefused(`it is larger than ${size}`)
}

/** Why a file was not read, as a clause for a message. */
export function whyUnread(error: unknown): string {
  if (error instanceof FileRefused) return error.message
  switch (errno(error)) {
    case undefined:
      return messageOf(error)
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file'
    case 'ENXIO':
      // What a socket answers to open().
      return 'it is not a regular file'
    case 'ELOOP':
      return 'it is a link'
    default:
      return errno(error) ?? messageOf(error)
  }
}
