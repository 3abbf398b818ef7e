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
