import { existsSync } from 'node:fs'
import { perl } from '../../host/perl'
import { wordsOf } from '../../inside/argv'
import type { Judge, Plan, Probed, Request, Session, Transport, Verdict } from '../../model'
import { approachTo } from '../../namespaces/entry-plan'
import { openWay, supervisorFor } from '../../namespaces/session'
import { begins } from '../../session/beginning'
import { wayFailure } from '../shared/namespace-failures'
import {
  engineHere,
  newPrivileges,
  type Precondition,
  preconditions,
  type Refusal,
  runs,
  shellIfNeeded,
  verdictOf,
} from '../shared/preconditions'
import type { NsenterDeps } from './deps'

export const nsenterJudge: Judge = {
  name: 'nsenter',
  judge: (target, request) => (request.helper ? judgeHelper : judge)(target, request),
}

/** The container's namespaces entered by the PID of its first process, held by what that process is held by. */
export function nsenterTransport(deps: NsenterDeps, fromHelper?: Transport['open']): Transport {
  return {
    ...nsenterJudge,
    open: (plan, abort) => (plan.request.helper && fromHelper ? fromHelper(plan, abort) : open(deps, plan, abort)),
  }
}

function judge(target: Probed, request: Request): Verdict {
  const { onHost } = target
  const costs = [
    ...(onHost.looked && !onHost.found.seccomp ? [] : ['no seccomp filter: it cannot be put back']),
    'no exec event in the engine’s log',
    'needs root on the host',
  ]
  const verdict = (outcome: Refusal | string) => verdictOf('nsenter', costs, outcome)
  const stopped = preconditions(target, request, [runs])
  if (stopped) return verdict(stopped)
  const remedy = `by a privileged container there, if you ask for it: docker-bash --via nsenter --helper ${target.name}`
  const elsewhere = preconditions(target, request, [engineHere])
  if (elsewhere) return verdict({ ...elsewhere, remedy })
  if (!onHost.looked) return verdict({ because: 'only root on the engine’s host can enter namespaces', remedy })
  const { certain, seccomp } = onHost.found
  const certainProcess: Precondition = () =>
    certain ? undefined : { because: 'nothing here says that the process the engine names is the container’s' }
  return verdict(
    preconditions(target, request, [newPrivileges, certainProcess, perlThere, shellIfNeeded]) ??
      `its namespaces by PID, with its ${seccomp ? 'confinement but seccomp' : 'confinement'}`,
  )
}

const perlThere: Precondition = () =>
  existsSync(perl) ? undefined : { because: `it takes ${perl}, and there is none` }

/** From a container on the engine's host that is as good as root there: only ever because it was asked for. */
function judgeHelper(target: Probed, request: Request): Verdict {
  const costs = [
    'a privileged container on the engine’s host while it lasts: as good as root there',
    'no seccomp filter: it cannot be put back',
    'no exec event for the container, but those of the one made and removed',
  ]
  const fits = 'its namespaces by PID, from a privileged container on the engine’s host, as you asked'
  return verdictOf('nsenter', costs, preconditions(target, request, [runs, shellIfNeeded]) ?? fits)
}

async function open(deps: NsenterDeps, { target, request }: Plan, abort: AbortSignal): Promise<Session> {
  const words = wordsOf(target, request)
  const starting = deps.supervisor ?? supervisorFor(request)
  // Its error is told by who waits for it, behind what else may be wrong.
  starting.catch(() => undefined)
  try {
    const approach = await approachTo(target, request, deps.pidNow)
    if (approach.confinement.seccomp) deps.note(`without the seccomp filter of ${target.name}: it cannot be put back`)
    const opening = openWay(request, { ...approach, size: deps.size, words }, await starting)
    return await begins(opening, abort, target.name)
  } catch (error) {
    starting.then(
      (supervisor) => supervisor.release(),
      () => undefined,
    )
    throw await wayFailure(error, target, request, words)
  }
}
