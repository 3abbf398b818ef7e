import { fstatSync, type Stats } from 'node:fs'
import { isatty } from 'node:tty'

/** Linux's device number of /dev/null: 1:3. */
const devNull = 0x103

/**
 * Whether a child may write our stdout itself. A reader who left is told to the child by a signal; a disk that is full
 * only to whoever looks at the error, and runtimes that copy do not: such files we write ourselves.
 */
export function mayInheritStdout(): boolean {
  const stat = statOf(1)
  return stat !== undefined && (stat.isFIFO() || stat.isSocket() || isatty(1) || isNull(stat))
}

/**
 * Whether a child in a session of its own may read our stdin itself. Not a terminal: a job in the background that
 * reads one has to be stopped by it, and the terminal does that to its own session only.
 */
export function mayInheritStdin(): boolean {
  return !isatty(0) && statOf(0) !== undefined
}

function isNull(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === devNull
}

function statOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    return undefined
  }
}
