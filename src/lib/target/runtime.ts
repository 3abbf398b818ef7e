import { findRuntime } from '../host/runtime'
import type { Target, TransportName } from '../model'

/**
 * The target with what holds it on this host, where that is ours to see and a verdict needs it.
 * @param via the only transport that was asked for
 */
export function withRuntime(target: Target, via?: TransportName): Target {
  if (target.runtime) return target
  const isOurs = target.local && target.state === 'running' && process.getuid?.() === 0
  if (!isOurs || (via !== undefined && via !== 'runc')) return target
  return { ...target, runtime: findRuntime(target) }
}
