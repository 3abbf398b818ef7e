import { existsSync } from 'node:fs'
import { approachTo } from '../../host/way/approach'
import { perl } from '../../host/way/keeper'
import { openWay } from '../../host/way/session'
import { needsShell, wordsOf } from '../../inside/words'
import type { Plan, Request, Session, Target, Transport, Verdict } from '../../model'
import type { Surroundings } from '../surroundings'
import { wayFailure } from '../way-failures'

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
  const approach = await approachTo(target, request, around.pidNow)
  if (approach.confinement.seccomp) around.note(`without the seccomp filter of ${target.name}: it cannot be put back`)
  try {
    return await openWay(request, { ...approach, size: around.size, words })
  } catch (error) {
    throw wayFailure(error, target, request, words)
  }
}
