import { join } from 'node:path'
import { lookAtSupervisor } from '../host/container-shim'
import { readProcessSpec } from '../host/environment'
import { allProcesses, readArgs } from '../host/proc'
import { readRoots } from '../host/root-owned'
import { findRuntime, isKnownShim } from '../host/runtime'
import type { Runtime, Target, TransportName } from '../model'
import type { TargetRef } from './parse'

/** A container that its engine was not asked about. */
export interface Offline {
  readonly target: Target
  readonly runtime: Runtime
}

/**
 * A running container by its full ID, from its supervisor on this host alone: for the day when the engine hangs. Asked
 * for by naming a transport that needs no engine either; what only the engine knows (name, image, labels) is left out.
 * @returns undefined when that is not what was asked for, or it cannot be done here
 */
export function offlineTarget(ref: TargetRef, via: TransportName | undefined): Offline | undefined {
  const isAsked = via === 'runc' || via === 'nsenter'
  if (!isAsked || !('text' in ref) || !/^[0-9a-f]{64}$/.test(ref.text) || process.getuid?.() !== 0) return undefined
  const id = ref.text
  for (const { pid } of allProcesses()) {
    const args = readArgs(pid)
    if (args[args.indexOf('-id') + 1] !== id) continue
    const found = heldBy(pid, id)
    if (found) return found
  }
  return undefined
}

/** @returns undefined when the process is not its supervisor: anybody may say so of himself, and is passed over */
function heldBy(supervisor: number, id: string): Offline | undefined {
  try {
    const bundle = lookAtSupervisor(supervisor, ({ program, link }) => (isKnownShim(program) ? link('cwd') : undefined))
    if (bundle === undefined) return undefined
    const pid = Number(readRoots(join(bundle, 'init.pid'), 32).toString())
    const runtime = findRuntime({ id, pid })
    if ('missing' in runtime) return undefined
    const spec = readProcessSpec(runtime, id.slice(0, 12))
    const known = { name: id.slice(0, 12), image: '', labels: {}, addresses: [], published: [], user: '' }
    const container = { ...known, id, pid, local: true, state: 'running' } as const
    return { target: { ...container, env: spec.env ?? [], workdir: spec.cwd ?? '/' }, runtime }
  } catch {
    // It ended meanwhile, or is not root's.
    return undefined
  }
}

/** Its first process as the runtime's state has it now; 0 when that no longer names the one that was found. */
export function pidOf(target: Target): number {
  return 'missing' in findRuntime(target) ? 0 : target.pid
}
