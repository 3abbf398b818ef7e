import { existsSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readBoundedText } from '../files/bounded'
import { readProc, readStat } from '../host/proc'
import type { Probed } from '../model'
import { readConfinement } from '../namespaces/confinement'

/** What root on the engine's host sees of a running container. */
export interface Seen {
  /** Capabilities, hexadecimal. */
  readonly bounding: string
  readonly seccomp: boolean
  readonly noNewPrivileges: boolean
  readonly label: string
  /** Its first process, by the kernel's word. */
  readonly first: string
  readonly sharesCgroups: boolean
  /** How its users are mapped, when they are: `0 is 100000, 65536 of them`. */
  readonly userMap?: string
  /** Bytes, and processes, in use. */
  readonly memory?: number
  readonly processes?: number
}

/** @returns undefined where nothing can be seen, or the process is not certain to be the container's */
export function seenOf({ pid, onHost }: Pick<Probed, 'pid' | 'onHost'>): Seen | undefined {
  const confinement = onHost.looked && onHost.found.certain ? readConfinement(pid) : undefined
  if (!confinement) return undefined
  const userMap = userMapOf(pid)
  const folders = confinement.cgroups.map((file) => dirname(file))
  const memory = counter(folders, ['memory.current', 'memory.usage_in_bytes'])
  const processes = counter(folders, ['pids.current'])
  return {
    ...confinement,
    first: readStat(pid)?.name ?? '',
    sharesCgroups: sameSpace(pid, 'cgroup'),
    ...(userMap && { userMap }),
    ...(memory !== undefined && { memory }),
    ...(processes !== undefined && { processes }),
  }
}

function sameSpace(pid: number, kind: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/${kind}`) === readlinkSync(`/proc/self/ns/${kind}`)
  } catch {
    return false
  }
}

function userMapOf(pid: number): string | undefined {
  if (sameSpace(pid, 'user')) return undefined
  const [inside = '0', outside = '0', count = '0'] = (readProc(pid, 'uid_map') ?? '').trim().split(/\s+/)
  return `${inside} is ${outside}, ${count} of them`
}

function counter(folders: readonly string[], files: readonly string[]): number | undefined {
  const found = folders.flatMap((folder) => files.map((file) => join(folder, file))).find((file) => existsSync(file))
  return found === undefined ? undefined : Number(readBoundedText(found, { most: 4096 }))
}
