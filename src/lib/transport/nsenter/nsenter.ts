import { existsSync } from 'node:fs'
import { DockerBashError } from '../../errors'
import { environmentOf, nameOf, readProcessSpec } from '../../host/environment'
import { readStat } from '../../host/proc'
import { readUser } from '../../host/users'
import { readConfinement } from '../../host/way/confinement'
import { perl } from '../../host/way/keeper'
import { openWay } from '../../host/way/session'
import { needsShell, wordsOf } from '../../inside/words'
import type { Plan, Request, Session, Target, Transport, Verdict } from '../../model'
import type { Surroundings } from '../surroundings'
import { wayFailure } from './failures'

/** The container's namespaces entered by the PID of its first process, held by what that process is held by. */
export function nsenterTransport(around: Surroundings): Transport {
  return { name: 'nsenter', judge, open: (plan) => open(around, plan) }
}

function judge(target: Target, request: Request): Verdict {
  const { state, local, onHost } = target
  const costs = [
    onHost?.seccomp === false ? undefined : 'no seccomp filter: it cannot be put back',
    'no exec event in the engine’s log',
    'needs root on the host',
  ].filter((cost) => cost !== undefined)
  const verdict = (fits: boolean, because: string): Verdict => ({ transport: 'nsenter', fits, because, costs })
  if (state !== 'running') return verdict(false, `the container is ${state}`)
  if (!local) return verdict(false, 'the engine is not on this host')
  if (!onHost) return verdict(false, 'only root on the engine’s host can enter namespaces')
  if (!onHost.certain) return verdict(false, 'nothing here says that the process the engine names is the container’s')
  if (!existsSync(perl)) return verdict(false, `it takes ${perl}, and there is none`)
  if (needsShell(request) && target.shells?.length === 0) return verdict(false, 'there is no shell in the container')
  return verdict(true, `its namespaces by PID, with its ${onHost.seccomp ? 'confinement but seccomp' : 'confinement'}`)
}

async function open(around: Surroundings, { target, request }: Plan): Promise<Session> {
  const words = wordsOf(target, request)
  const start = readStat(target.pid)?.start
  const confinement = readConfinement(target.pid)
  // Asked again now that its start is noted: a number that went to another process in between is noticed here, one
  // that goes to another later is noticed by its start.
  if (start === undefined || !confinement || (await around.pidNow()) !== target.pid) {
    throw new DockerBashError(`${target.name} ended or was restarted meanwhile`, {
      hint: `try again: docker-bash ${target.name}`,
    })
  }
  if (confinement.seccomp) around.note(`without the seccomp filter of ${target.name}: it cannot be put back`)
  const { runtime } = target
  const spec = runtime && !('missing' in runtime) ? readProcessSpec(runtime) : undefined
  const user = request.user || target.user
  const own = spec && !user ? { ...spec.user, groups: spec.user.additionalGids ?? [] } : undefined
  const { home } = readUser(user || String(own?.uid ?? 0), target)
  const { uid, gid, groups } = own ?? readUser(user, target)
  const env = environmentOf(spec, target, request)
  try {
    return await openWay(request, {
      ...{ pid: target.pid, start, confinement, size: around.size },
      ...{ uid, gid, groups: [...new Set([gid, ...groups])], words },
      cwd: request.workdir || target.workdir || '/',
      env: env.some((entry) => nameOf(entry) === 'HOME') ? env : [...env, `HOME=${home}`],
    })
  } catch (error) {
    throw wayFailure(error, target, request, words)
  }
}
