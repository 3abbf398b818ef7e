import { closeSync, constants, openSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { isRootsProgram, NotRoots } from './root-owned'

/** A process of root's that holds a container, by what the kernel tells of it. */
export interface Supervisor {
  /** The file name of the program it runs, whatever it calls itself. */
  readonly program: string
  readonly args: readonly string[]
  /** A text file of its own in /proc. */
  read(file: string): string
  /** Where a link of its own in /proc leads. */
  link(name: string): string
}

/**
 * Looks at a supervisor. Anybody can start a process with a supervisor's words, so it has to be root's, by all of its
 * user IDs and in our user namespace, and to run a program of root's. Its folder in /proc is opened once: another
 * process that gets its number meanwhile is not taken for it.
 * @throws NotRoots, or the system's error when it is gone
 */
export function lookAtSupervisor<T>(pid: number, use: (supervisor: Supervisor) => T): T {
  const folder = openSync(`/proc/${pid}`, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    const own = (name: string) => `/proc/self/fd/${folder}/${name}`
    const read = (file: string) => readFileSync(own(file), 'utf8')
    const link = (name: string) => readlinkSync(own(name))
    // Real, effective, saved, of files: sudo is root by one of them before it has asked anybody.
    const users = /^Uid:\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$/m.exec(read('status'))?.slice(1) ?? []
    if (users.length !== 4 || users.some((uid) => uid !== '0')) {
      throw new NotRoots(`its supervisor, process ${pid}, is not root’s`)
    }
    if (link('ns/user') !== readlinkSync('/proc/self/ns/user')) {
      throw new NotRoots(`its supervisor, process ${pid}, is root in a user namespace of its own only`)
    }
    if (!isRootsProgram(statSync(own('exe')))) {
      throw new NotRoots(`the program of its supervisor, process ${pid}, is not root’s alone`)
    }
    // So the kernel writes it once an upgrade has replaced the file.
    const program = basename(link('exe').replace(/ \(deleted\)$/, ''))
    // Its words, once it is root's: another user's process may have them go on for ever.
    return use({ program, args: read('cmdline').split('\0').slice(0, -1), read, link })
  } finally {
    closeSync(folder)
  }
}
