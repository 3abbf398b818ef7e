import { readBoundedText } from '../files/bounded'
import { cgroupFile } from '../host/cgroup'
import { ContainerRoot } from '../host/container-rootfs'
import { readProc } from '../host/proc'
import { findRuntime } from '../host/runtime'
import { looked, notLooked, type Probed, type Runtime, type Target, type TransportName } from '../model'
import { hasSeccomp } from '../namespaces/confinement'

/** A target that was looked at on this host, as far as that was needed; on its way to be probed. */
export type WithRuntime = Target & Pick<Probed, 'runtime' | 'onHost'>

/**
 * The target with what holds it on this host, where that is ours to see and a verdict needs it.
 * @param via the only transport that was asked for
 * @param known the runtime, where it was found before
 */
export function withRuntime(target: Target, via?: TransportName, known?: Runtime): WithRuntime {
  const isOurs = target.local && target.pid > 0 && process.getuid?.() === 0
  if (!isOurs || via === 'exec' || via === 'ssh') return { ...target, runtime: notLooked, onHost: notLooked }
  const found = known ?? findRuntime(target)
  const runtime = looked(found)
  if (via === 'runc') {
    return { ...target, ...existingFolder(target, !('missing' in found)), runtime, onHost: notLooked }
  }
  const status = readProc(target.pid, 'status')
  if (status === undefined) return { ...target, runtime, onHost: notLooked }
  const certain = !('missing' in found) || (readProc(target.pid, 'cgroup') ?? '').includes(target.id)
  const room = roomFor(target.pid)
  const onHost = { certain, seccomp: hasSeccomp(status), ...(room !== undefined && { room }) }
  return { ...target, ...existingFolder(target, certain), runtime, onHost: looked(onHost) }
}

/** A working directory that is gone is none: a session then begins in `/` rather than not at all. */
function existingFolder({ pid, workdir }: Target, certain: boolean): { workdir?: string } {
  const isGone = certain && workdir !== undefined && !new ContainerRoot(pid).stat(workdir)?.isDirectory()
  return isGone ? { workdir: '/' } : {}
}

/** What is left of the limit of processes. */
function roomFor(pid: number): number | undefined {
  const most = numberIn(cgroupFile(pid, 'pids.max'))
  if (Number.isNaN(most)) return undefined
  const now = numberIn(cgroupFile(pid, 'pids.current'))
  return Number.isNaN(now) ? undefined : most - now
}

/** @returns NaN for `max`, and when there is no such file */
function numberIn(file: string | undefined): number {
  try {
    return Number(readBoundedText(file ?? '', { most: 4096 }))
  } catch {
    return Number.NaN
  }
}
