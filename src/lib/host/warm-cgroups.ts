import { close, open, write } from 'node:fs'
import { cgroupFile } from './cgroup'

let file: string | undefined

/**
 * Has the kernel get ready to move a process into a control group, which a command inside will need in a moment.
 *
 * The first such move waits for a grace period, ten milliseconds and more, in which all processors are told; those that
 * follow soon need not (rcu_sync, in the kernel's words). So we move ourselves, to where we are, while there is
 * something else to wait for. Only root may; that it failed is nothing to tell, it is then as slow as ever.
 */
export function readyCgroups(): void {
  if (process.getuid?.() !== 0) return
  file ??= cgroupFile(process.pid, 'cgroup.procs')
  if (file === undefined) return
  open(file, 'w', (failed, fd) => {
    if (!failed) write(fd, '0', () => close(fd))
  })
}
