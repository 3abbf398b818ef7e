import { existsSync } from 'node:fs'
import { perl } from '../../host/perl'
import { hasNoNewPrivileges, noNewPrivileges } from '../../host/usual-attributes'
import { needsShell, wordsOf } from '../../inside/argv'
import type { Plan, Request, Session, Target, Transport, Verdict } from '../../model'
import { approachTo } from '../../namespaces/entry-plan'
import { keeperFor, openWay } from '../../namespaces/session'
import { begins } from '../../session/beginning'
import type { Surroundings } from '../shared/deps'
import { wayFailure } from '../shared/namespace-failures'

/** The container's namespaces entered by the PID of its first process, held by what that process is held by. */
export function nsenterTransport(around: Surroundings, fromHelper?: Transport['open']): Transport {
  return {
    name: 'nsenter',
    judge: (target, request) => (request.helper ? judgeHelper : judge)(target, request),
    open: (plan, abort) => (plan.request.helper && fromHelper ? fromHelper(plan, abort) : open(around, plan, abort)),
  }
}

function judge(target: Target, request: Request): Verdict {
  const { state, local, foreign, onHost } = target
  const costs = [
    onHost?.seccomp === false ? undefined : 'no seccomp filter: it cannot be put back',
    'no exec event in the engine’s log',
    'needs root on the host',
  ].filter((cost) => cost !== undefined)
  const verdict = (fits: boolean, because: string): Verdict => ({ transport: 'nsenter', fits, because, costs })
  if (state !== 'running') return verdict(false, `the container is ${state}`)
  const remedy = `by a privileged container there, if you ask for it: docker-bash --via nsenter --helper ${target.name}`
  if (!local) return { ...verdict(false, foreign ?? 'the engine is not on this host'), remedy }
  if (!onHost) return { ...verdict(false, 'only root on the engine’s host can enter namespaces'), remedy }
  if (hasNoNewPrivileges()) return verdict(false, noNewPrivileges)
  if (!onHost.certain) return verdict(false, 'nothing here says that the process the engine names is the container’s')
  if (!existsSync(perl)) return verdict(false, `it takes ${perl}, and there is none`)
  if (needsShell(request) && target.shells?.length === 0) return verdict(false, 'there is no shell in the container')
  return verdict(true, `its namespaces by PID, with its ${onHost.seccomp ? 'confinement but seccomp' : 'confinement'}`)
}

/** From a container on the engine's host that is as good as root there: only ever because it was asked for. */
function judgeHelper(target: Target, request: Request): Verdict {
  const costs = [
    'a privileged container on the engine’s host while it lasts: as good as root there',
    'no seccomp filter: it cannot be put back',
    'no exec event for the container, but those of the one made and removed',
  ]
  const verdict = (fits: boolean, because: string): Verdict => ({ transport: 'nsenter', fits, because, costs })
  if (target.state !== 'running') return verdict(false, `the container is ${target.state}`)
  if (needsShell(request) && target.shells?.length === 0) return verdict(false, 'there is no shell in the container')
  return verdict(true, 'its namespaces by PID, from a privileged container on the engine’s host, as you asked')
}

async function open(around: Surroundings, { target, request }: Plan, abort: AbortSignal): Promise<Session> {
  const words = wordsOf(target, request)
  const starting = around.keeper ?? keeperFor(request)
  // Its error is told by who waits for it, behind what else may be wrong.
  starting.catch(() => undefined)
  try {
    const approach = await approachTo(target, request, around.pidNow)
    if (approach.confinement.seccomp) around.note(`without the seccomp filter of ${target.name}: it cannot be put back`)
    const opening = openWay(request, { ...approach, size: around.size, words }, await starting)
    return await begins(opening, abort, target.name)
  } catch (error) {
    starting.then(
      (keeper) => keeper.release(),
      () => undefined,
    )
    throw await wayFailure(error, target, request, words)
  }
}
