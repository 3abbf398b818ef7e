import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../model'
import { cgroupFile } from './cgroup'
import { readProc } from './proc'

/** Folders of control groups that are looked through for one container: a systemd inside makes some dozens. */
const most = 2000

/**
 * Finds the process of a container that has exactly these words. That it is the container's is the kernel's word: nobody
 * without rights on the host puts a process into another container's control group.
 * @returns undefined when nobody here can say: we are not root on the engine's host, or its control group is not in sight
 */
export function hasProcess(target: Target, words: readonly string[]): boolean | undefined {
  const group = groupOf(target)
  if (group === undefined) return undefined
  const line = words.map((word) => `${word}\0`).join('')
  // The one that is looked for began last.
  return membersOf(group)
    .sort((a, b) => b - a)
    .some((pid) => readProc(pid, 'cmdline') === line)
}

/** The first process of a container, if it is certain to be the container's and ours to see; else undefined. */
export function firstProcess({ id, pid, local }: Target): number | undefined {
  const isOurs = local && pid > 0 && process.getuid?.() === 0
  return isOurs && readProc(pid, 'cgroup')?.includes(id) ? pid : undefined
}

/** The folder of the container's control group, named after its ID; what it makes itself is below. */
function groupOf(target: Target): string | undefined {
  const pid = firstProcess(target)
  const file = pid === undefined ? undefined : cgroupFile(pid, 'cgroup.procs')
  const names = file?.split('/') ?? []
  const at = names.findIndex((name) => name.includes(target.id))
  return at < 0 ? undefined : names.slice(0, at + 1).join('/')
}

function membersOf(group: string): number[] {
  const folders = [group]
  const found: number[] = []
  for (let at = 0; at < folders.length && folders.length < most; at++) {
    const folder = folders[at] ?? ''
    try {
      for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'latin1').split('\n'))
        if (pid) found.push(Number(pid))
    } catch {
      // A threaded one has no such list, and one that is gone has nobody.
    }
    try {
      for (const one of readdirSync(folder, { withFileTypes: true }))
        if (one.isDirectory()) folders.push(join(folder, one.name))
    } catch {
      // It is gone.
    }
  }
  return found
}
