import { lookAtSupervisor } from './container-shim'
import { allProcesses } from './proc'

/**
 * Ends what an engine's runtime is stuck in before a command begins: it reads the container's /etc/passwd, which may be a
 * FIFO. The engine itself cannot be asked to. Once the command has begun, that process of the runtime is gone.
 * @param exec the engine's ID of the exec: it stands in the words of the runtime, whose child that process is
 */
export function endUnbegun(exec: string): void {
  const all = allProcesses()
  const runtimes = new Set(all.flatMap(({ pid }) => (isRuntimeOf(pid, exec) ? pid : [])))
  for (const { pid } of all.filter(({ parent }) => runtimes.has(parent))) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It came through, or ended, meanwhile.
    }
  }
}

/** Root's, and a program of root's: anybody may start a process with such words, whose children are nobody's to end. */
function isRuntimeOf(pid: number, exec: string): boolean {
  try {
    return lookAtSupervisor(pid, ({ args }) => args.some((word) => word.endsWith(`/${exec}.pid`)))
  } catch {
    // Another user's, or it ended meanwhile.
    return false
  }
}
