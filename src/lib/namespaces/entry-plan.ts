import { Ended } from '../errors'
import { environmentOf, type ProcessSpec, readProcessSpec, withHome } from '../host/environment'
import { readStat } from '../host/proc'
import { type HostUser, readUser } from '../host/users'
import { knownRuntime, type Probed, type Request, type Target } from '../model'
import { type Confinement, readConfinement } from './confinement'
import type { WayOrder } from './request'

/** A way into a target but for its words. */
export type Approach = Omit<WayOrder, 'words' | 'terminal'>

/** What was found out about a target's first process on its host, by whoever could look. */
export interface Found {
  /** Clock ticks since boot. */
  readonly start: number
  readonly confinement: Confinement
  /** The process that the container was started with, from its bundle. */
  readonly spec: ProcessSpec | undefined
  /** Who `NAME|UID[:GROUP]` is in it. */
  readonly user: (text: string) => HostUser
}

/**
 * Everything about a way into a target but the words: whose namespaces, held by what, as whom, where, with which
 * environment: all as the engine's exec would have it.
 * @param pidNow the PID of the target's first process as of now
 * @throws DockerBashError when it is not there any more
 */
export async function approachTo(target: Probed, request: Request, pidNow: () => Promise<number>): Promise<Approach> {
  const start = readStat(target.pid)?.start
  // Asked again now that its start is noted: a number that went to another process in between is noticed here, one
  // that goes to another later is noticed by its start.
  const asked = pidNow()
  // What is read meanwhile is used only if the answer is the same PID.
  asked.catch(() => undefined)
  const confinement = readConfinement(target.pid)
  const runtime = knownRuntime(target)
  const spec = runtime && readProcessSpec(runtime, target.name)
  if (start === undefined || !confinement) throw new Ended(target.name)
  const user = (text: string) => readUser(text, target)
  const approach = attempt(() => approachBy(target, request, { start, confinement, spec, user }))
  if ((await asked) !== target.pid) throw new Ended(target.name)
  return approach()
}

/** What it gives, found out now and handed out later; or why it gives nothing. */
function attempt<T>(make: () => T): () => T {
  try {
    const made = make()
    return () => made
  } catch (error) {
    return () => {
      throw error
    }
  }
}

export function approachBy(target: Target, request: Request, found: Found): Approach {
  const { spec, start, confinement } = found
  const user = request.user || target.user
  const own = spec && !user ? { ...spec.user, groups: spec.user.additionalGids ?? [] } : undefined
  const { home } = found.user(user || String(own?.uid ?? 0))
  const { uid, gid, groups } = own ?? found.user(user)
  const env = environmentOf(spec, target, request)
  return {
    ...{ pid: target.pid, start, confinement, uid, gid, groups: [...new Set([gid, ...groups])] },
    cwd: request.workdir || target.workdir || '/',
    env: withHome(env, home),
  }
}
