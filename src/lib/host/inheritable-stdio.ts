import { closeSync, fstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs'
import { isatty } from 'node:tty'

/** Linux's device number of /dev/null: 1:3. */
const devNull = 0x103

/**
 * Whether a child in a session of its own may write our stdout itself. A reader who left is told to the child by a
 * signal; a disk that is full only to whoever looks at the error, and runtimes that copy do not: such files we write
 * ourselves. So we do a terminal: with `stty tostop` a job in the background is stopped when it writes, and the terminal
 * does that to its own session only.
 */
export function mayInheritStdout(): boolean {
  const stat = statOf(1)
  return stat !== undefined && (stat.isFIFO() || stat.isSocket() || isNull(stat))
}

/**
 * Whether a child in a session of its own may read our stdin itself. Not a terminal: a job in the background that
 * reads one has to be stopped by it, and the terminal does that to its own session only.
 */
export function mayInheritStdin(): boolean {
  return !isatty(0) && statOf(0) !== undefined
}

/**
 * Whether what a descriptor is may be open inside a container. Whoever has it open can open it again by its link in
 * /proc, for more than we did, change its mode, and go on from a folder to the rest of the host's files: so it is a pipe
 * that has no name in any file system, and nothing else, /dev/null neither.
 */
export function mayGoInside(fd: number): boolean {
  const stat = statOf(fd)
  return stat?.isFIFO() === true && readlinkSync(`/proc/self/fd/${fd}`) === `pipe:[${stat.ino}]`
}

/** Whether a descriptor of ours gives a child nothing to read, for certain. */
export function isEmpty(fd: number): boolean {
  const stat = statOf(fd)
  return !stat || isNull(stat) || (stat.isFile() && stat.size === 0)
}

/** What a supervisor (`lib/namespaces`) is given for one of our descriptors: it looks for itself, and copies what may not go inside. */
export function forSupervisor(fd: 0 | 1): 'pipe' | 'ignore' | number {
  const stat = statOf(fd)
  if (!stat) return 'pipe'
  if (isNull(stat)) return 'ignore'
  return mayGoInside(fd) || stat.isSocket() || (fd === 0 && stat.isFile()) ? fd : 'pipe'
}

/** Closes what whoever started us left open for our children: Node keeps from them only what is next to its own. */
export function closeInherited(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const fd = Number(name)
    // What is below, Node has made close on exec.
    if (fd > 15 && isInherited(fd)) closeSync(fd)
  }
}

const closeOnExec = 0o2000000
const info = Buffer.alloc(128)

/** Everything that Node opens itself closes on exec. */
function isInherited(fd: number): boolean {
  try {
    const file = openSync(`/proc/self/fdinfo/${fd}`, 'r')
    const text = info.toString('latin1', 0, readSync(file, info))
    closeSync(file)
    // As many octal digits as it takes: a pipe has two.
    const flags = /^flags:\s+([0-7]+)$/m.exec(text)?.[1]
    return flags !== undefined && (Number.parseInt(flags, 8) & closeOnExec) === 0
  } catch {
    // The folder was read by it.
    return false
  }
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
