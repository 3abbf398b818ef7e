import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { allProcesses, type ProcessStat, readArgs } from './proc'

/** A container that is held on this host, by its supervisor's word. */
export interface Supervised {
  /** The supervisor: containerd's shim, podman's conmon. */
  readonly supervisor: number
  /** Its first process. */
  readonly pid: number
  /** The folder with its config.json. */
  readonly bundle: string
  /** The runtime is one that docker-bash can run itself. */
  readonly known: boolean
  /** The command lines of the processes in it that are called sshd, words parted by NUL. */
  readonly sshd: readonly string[]
}

/** The containers that are held on this host, by full ID: one look through /proc however many there are. */
export function supervised(): Map<string, Supervised> {
  const found = new Map<string, Supervised>()
  const processes = allProcesses()
  const servers = processes.filter(({ name }) => name === 'sshd')
  for (const { pid: supervisor, name } of processes) {
    if (name !== 'containerd-shim' && name !== 'conmon') continue
    const args = readArgs(supervisor)
    const after = (...options: string[]) => {
      const at = args.findIndex((word) => options.includes(word))
      return at < 0 ? undefined : args[at + 1]
    }
    const id = name === 'conmon' ? (after('-c') ?? after('--cid')) : after('-id')
    if (!id || !/^[0-9a-f]{64}$/.test(id)) continue
    try {
      const bundle = name === 'conmon' ? after('-b', '--bundle') : readlinkSync(`/proc/${supervisor}/cwd`)
      const file = name === 'conmon' ? after('-p', '--container-pidfile') : join(bundle ?? '', 'init.pid')
      if (!bundle || !file) continue
      const pid = Number(readFileSync(file, 'utf8'))
      const known = name === 'conmon' || /containerd-shim-runc-v\d$/.test(args[0] ?? '')
      found.set(id, { supervisor, pid, bundle, known, sshd: below(supervisor, servers, processes) })
    } catch {
      // It ended meanwhile.
    }
  }
  return found
}

/** The command lines of those that descend from a process. */
function below(ancestor: number, some: readonly ProcessStat[], all: readonly ProcessStat[]): string[] {
  if (some.length === 0) return []
  const parents = new Map(all.map(({ pid, parent }) => [pid, parent]))
  const descends = ({ pid }: ProcessStat) => {
    for (let up = parents.get(pid); up; up = parents.get(up)) if (up === ancestor) return true
    return false
  }
  return some.filter(descends).map(({ pid }) => readArgs(pid).join('\0'))
}
