import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readProc } from './proc'

/**
 * A file of the control group that a process is in: of the hierarchy with the process counter, or of the only one, where
 * that is mounted as it mostly is.
 * @returns undefined when there is none
 */
export function cgroupFile(pid: number, name: string): string | undefined {
  const cgroup = readProc(pid, 'cgroup') ?? ''
  const counted = /^\d+:(?:[^:\n]*,)?pids(?:,[^:\n]*)?:(.*)$/m.exec(cgroup)?.[1]
  const folder =
    counted === undefined
      ? join('/sys/fs/cgroup', /^0::(.*)$/m.exec(cgroup)?.[1] ?? '')
      : join('/sys/fs/cgroup/pids', counted)
  const file = join(folder, name)
  return existsSync(file) ? file : undefined
}

/** Where control groups are mounted. */
const mount = '/sys/fs/cgroup'

/**
 * The files by which a process moves itself, with a `0`, out of the control groups that we are in and into the root of
 * each hierarchy. What has to end the command when we are gone goes there: who kills a control group whole (systemd, a
 * CI's runner, the kernel when memory is short) kills all in it at once, and a watchdog beside us with us.
 * @returns none where we are in the root already, or may not
 */
export function waysOutOfCgroups(): string[] {
  if (process.getuid?.() !== 0) return []
  return rootsOf(readProc(process.pid, 'cgroup') ?? '').filter((file) => existsSync(file))
}

/** @param cgroup the text of /proc/PID/cgroup */
export function rootsOf(cgroup: string): string[] {
  const lines = [...cgroup.matchAll(/^(\d+):([^:\n]*):(.+)$/gm)]
  const isMixed = lines.some(([, number]) => number !== '0')
  return lines.flatMap(([, number, controllers = '', path]) => {
    if (path === '/') return []
    if (number === '0') return join(mount, isMixed ? 'unified' : '', 'cgroup.procs')
    // `tasks`: a thread that moves itself alone takes no lock of the whole system, and a shell has no other.
    return join(mount, controllers.replace(/^name=/, ''), 'tasks')
  })
}
