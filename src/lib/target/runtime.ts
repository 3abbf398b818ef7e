import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readProc } from '../host/proc'
import { ContainerRoot } from '../host/root'
import { findRuntime } from '../host/runtime'
import { readConfinement } from '../host/way/confinement'
import type { Target, TransportName } from '../model'

/**
 * The target with what holds it on this host, where that is ours to see and a verdict needs it.
 * @param via the only transport that was asked for
 */
export function withRuntime(target: Target, via?: TransportName): Target {
  const isOurs = target.local && target.pid > 0 && process.getuid?.() === 0
  if (!isOurs || via === 'exec' || via === 'ssh') return target
  const runtime = target.runtime ?? findRuntime(target)
  if (via === 'runc') {
    return { ...target, ...existingFolder(target, !('missing' in runtime)), runtime }
  }
  const confinement = readConfinement(target.pid)
  if (!confinement) return { ...target, runtime }
  const certain = !('missing' in runtime) || (readProc(target.pid, 'cgroup') ?? '').includes(target.id)
  const room = roomFor(confinement.cgroups)
  const onHost = { certain, seccomp: confinement.seccomp, ...(room !== undefined && { room }) }
  return { ...target, ...existingFolder(target, certain), runtime, onHost }
}

/** A working directory that is gone is none: a session then begins in `/` rather than not at all. */
function existingFolder({ pid, workdir }: Target, certain: boolean): { workdir?: string } {
  const isGone = certain && workdir !== undefined && !new ContainerRoot(pid).stat(workdir)?.isDirectory()
  return isGone ? { workdir: '/' } : {}
}

/** What is left of the limit of the control group with the process counter. */
function roomFor(cgroups: readonly string[]): number | undefined {
  const folder = cgroups.map((file) => dirname(file)).find((path) => existsSync(join(path, 'pids.max')))
  if (folder === undefined) return undefined
  const number = (file: string) => Number(readFileSync(join(folder, file), 'utf8'))
  const most = number('pids.max')
  return Number.isNaN(most) ? undefined : most - number('pids.current')
}
