import { DockerBashError } from '../../errors'
import type { Request, Target } from '../../model'
import { environmentOf, nameOf, readProcessSpec } from '../environment'
import { readStat } from '../proc'
import { readUser } from '../users'
import { readConfinement } from './confinement'
import type { WayOrder } from './order'

/**
 * Everything about a way into a target but the words: whose namespaces, held by what, as whom, where, with which
 * environment: all as the engine's exec would have it.
 * @param pidNow the PID of the target's first process as of now
 * @throws DockerBashError when it is not there any more
 */
export async function approachTo(
  target: Target,
  request: Request,
  pidNow: () => Promise<number>,
): Promise<Omit<WayOrder, 'words' | 'terminal'>> {
  const start = readStat(target.pid)?.start
  const confinement = readConfinement(target.pid)
  // Asked again now that its start is noted: a number that went to another process in between is noticed here, one
  // that goes to another later is noticed by its start.
  if (start === undefined || !confinement || (await pidNow()) !== target.pid) {
    throw new DockerBashError(`${target.name} ended or was restarted meanwhile`, {
      hint: `try again: docker-bash ${target.name}`,
    })
  }
  const { runtime } = target
  const spec = runtime && !('missing' in runtime) ? readProcessSpec(runtime) : undefined
  const user = request.user || target.user
  const own = spec && !user ? { ...spec.user, groups: spec.user.additionalGids ?? [] } : undefined
  const { home } = readUser(user || String(own?.uid ?? 0), target)
  const { uid, gid, groups } = own ?? readUser(user, target)
  const env = environmentOf(spec, target, request)
  return {
    ...{ pid: target.pid, start, confinement, uid, gid, groups: [...new Set([gid, ...groups])] },
    cwd: request.workdir || target.workdir || '/',
    env: env.some((entry) => nameOf(entry) === 'HOME') ? env : [...env, `HOME=${home}`],
  }
}
