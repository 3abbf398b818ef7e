import { join } from 'node:path'
import { lookAtSupervisor, type Supervisor } from './container-shim'
import { allProcesses, type ProcessStat, readArgs } from './proc'
import { readRoots, rootsFolder } from './root-owned'
import { isKnownShim } from './runtime'

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
    try {
      const one = lookAtSupervisor(supervisor, placesOf)
      if (!one) continue
      const { id, bundle, pidFile, known } = one
      const pid = Number(readRoots(pidFile, 32).toString())
      const sshd = below(supervisor, servers, processes)
      found.set(id, { supervisor, pid, bundle: rootsFolder(bundle), known, sshd })
    } catch {
      // It ended meanwhile, or is not root's.
    }
  }
  return found
}

/** What a supervisor says of its container. */
function placesOf({ program, args, link }: Supervisor) {
  const after = (...options: string[]) => {
    const at = args.findIndex((word) => options.includes(word))
    return at < 0 ? undefined : args[at + 1]
  }
  const isConmon = program === 'conmon'
  if (!isConmon && !/^containerd-shim(?:-|$)/.test(program)) return undefined
  const id = isConmon ? after('-c', '--cid') : after('-id')
  if (!id || !/^[0-9a-f]{64}$/.test(id)) return undefined
  const bundle = isConmon ? after('-b', '--bundle') : link('cwd')
  const pidFile = isConmon ? after('-p', '--container-pidfile') : join(bundle ?? '', 'init.pid')
  return bundle && pidFile ? { id, bundle, pidFile, known: isConmon || isKnownShim(program) } : undefined
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
