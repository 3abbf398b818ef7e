import { closeSync, constants, openSync } from 'node:fs'
import { mayGoInside } from './inheritable-stdio'

const { O_NONBLOCK, O_RDONLY } = constants
/** Opens nothing but the name; Node does not know the number. */
const O_PATH = 0o10000000

/**
 * Holds a pipe that a process reads from open: whoever writes into it is not told when that process has had enough.
 * @param fd the process's
 * @returns undefined when there is no pipe
 */
export function holdPipe(pid: number, fd: number): number | undefined {
  let name: number | undefined
  try {
    name = openSync(`/proc/${pid}/fd/${fd}`, O_PATH)
    return mayGoInside(name) ? openSync(`/proc/self/fd/${name}`, O_RDONLY | O_NONBLOCK) : undefined
  } catch {
    // It ended meanwhile.
    return undefined
  } finally {
    if (name !== undefined) closeSync(name)
  }
}
