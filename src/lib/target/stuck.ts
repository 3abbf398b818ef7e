import { readFileSync } from 'node:fs'
import type { Engine } from '../engine/engine'
import { statusOf } from '../engine/engine'
import { findContainer } from '../engine/look-up'
import { readProc } from '../host/proc'
import type { Target } from '../model'

/** How long (ms) an engine is asked. */
const patienceMs = 3000

/**
 * Why nothing in a container takes a signal now: it is paused or gone.
 * @returns undefined where it can, or nobody knows
 */
export async function whyStuck(engine: Engine | undefined, { id, name, pid }: Target): Promise<string | undefined> {
  if (isFrozen(pid)) return `${name} is paused`
  if (!engine) return undefined
  try {
    const found = await findContainer(engine, id, AbortSignal.timeout(patienceMs))
    const { State }: { State?: { Paused?: boolean; Running?: boolean } } = found
    if (State?.Paused) return `${name} is paused`
    return State?.Running === false ? `${name} does not run any more` : undefined
  } catch (error) {
    return statusOf(error) === 404 ? `${name} is gone` : undefined
  }
}

/** By the control group of its first process, on this host. */
function isFrozen(pid: number): boolean {
  const cgroup = pid > 0 ? (readProc(pid, 'cgroup') ?? '') : ''
  const old = /^\d+:freezer:(.+)$/m.exec(cgroup)?.[1]
  const now = /^0::(.+)$/m.exec(cgroup)?.[1]
  return (
    (old !== undefined && /^FROZEN/.test(read(`/sys/fs/cgroup/freezer${old}/freezer.state`))) ||
    (now !== undefined && /^frozen 1$/m.test(read(`/sys/fs/cgroup${now}/cgroup.events`)))
  )
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // Not mounted there.
    return ''
  }
}
