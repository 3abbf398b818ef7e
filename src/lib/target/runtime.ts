import { readProc } from '../host/proc'
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
  if (via === 'runc') return { ...target, runtime }
  const confinement = readConfinement(target.pid)
  if (!confinement) return { ...target, runtime }
  const certain = !('missing' in runtime) || (readProc(target.pid, 'cgroup') ?? '').includes(target.id)
  return { ...target, runtime, onHost: { certain, seccomp: confinement.seccomp } }
}
