import { allProcesses, readArgs } from './proc'

/**
 * Ends what an engine's runtime is stuck in before a command begins: it reads the container's /etc/passwd, which may be a
 * FIFO. The engine itself cannot be asked to. Once the command has begun, that process of the runtime is gone.
 * @param exec the engine's ID of the exec: it stands in the words of the runtime, which is no child of a container's
 */
export function endUnbegun(exec: string): void {
  const all = allProcesses()
  const runtime = all.find(({ pid }) => readArgs(pid).some((word) => word.endsWith(`/${exec}.pid`)))
  if (!runtime) return
  for (const { pid } of all.filter(({ parent }) => parent === runtime.pid)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It came through, or ended, meanwhile.
    }
  }
}
