import { readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { allProcesses, readArgs } from '../host/proc'
import { findRuntime } from '../host/runtime'
import type { Target, TransportName } from '../model'
import type { TargetRef } from './parse'

/**
 * A running container by its full ID, from its supervisor on this host alone: for the day when the engine hangs. Asked
 * for by naming a transport that needs no engine either; what only the engine knows (name, image, labels) is left out.
 * @returns undefined when that is not what was asked for, or it cannot be done here
 */
export function offlineTarget(ref: TargetRef, via: TransportName | undefined): Target | undefined {
  const isAsked = via === 'runc' || via === 'nsenter'
  if (!isAsked || !('text' in ref) || !/^[0-9a-f]{64}$/.test(ref.text) || process.getuid?.() !== 0) return undefined
  const id = ref.text
  for (const { pid } of allProcesses()) {
    const args = readArgs(pid)
    if (args[args.indexOf('-id') + 1] !== id || !/containerd-shim-runc-v\d$/.test(args[0] ?? '')) continue
    const bundle = readlinkSync(`/proc/${pid}/cwd`)
    const init = Number(readFileSync(join(bundle, 'init.pid'), 'utf8'))
    const runtime = findRuntime({ id, pid: init })
    if ('missing' in runtime) return undefined
    const { process: spec } = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')) as {
      process: { env?: string[]; cwd: string }
    }
    const known = { name: id.slice(0, 12), image: '', labels: {}, addresses: [], published: [], user: '' }
    return { ...known, id, pid: init, local: true, state: 'running', env: spec.env ?? [], workdir: spec.cwd, runtime }
  }
  return undefined
}

/** Its first process as the runtime's state has it now; 0 when that no longer names the one that was found. */
export function pidOf(target: Target): number {
  return 'missing' in findRuntime(target) ? 0 : target.pid
}
