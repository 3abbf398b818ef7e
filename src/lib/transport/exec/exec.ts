import type { Engine } from '../../engine/engine'
import { needsShell } from '../../inside/argv'
import type { Plan, Request, Session, Target, Transport, Verdict } from '../../model'
import type { Surroundings } from '../shared/deps'
import type { Elsewhere } from '../shared/exec-site'
import { isTight, tight } from '../shared/pids-headroom'
import { ExecOpening, isOurs } from './opening'

/** A session in `target` by an exec that begins elsewhere; its words and shell are the target's. */
export function openElsewhere(
  engine: Engine,
  around: Surroundings,
  plan: Plan,
  where: Elsewhere,
  abort: AbortSignal,
): Promise<Session> {
  return new ExecOpening(engine, around, plan, abort, where).open()
}

/** The engine API's own exec, with what it lacks: signals, an end with its client, a terminal of the right size. */
export function execTransport(engine: Engine, around: Surroundings): Transport {
  return {
    name: 'exec',
    judge,
    open: (plan, abort) => new ExecOpening(engine, around, plan, abort).open(),
  }
}

function judge(target: Target, request: Request): Verdict {
  const guard = isOurs(target) ? '' : ', twice: a guard beside the command ends it when docker-bash ends'
  const costs = [`seen in the engine’s events${guard}`]
  const verdict = (fits: boolean, because: string): Verdict => ({ transport: 'exec', fits, because, costs })
  if (target.state !== 'running') return verdict(false, `the container is ${target.state}`)
  if (request.via !== 'exec' && isTight(target)) return verdict(false, tight)
  if (needsShell(request) && target.shells?.length === 0) return verdict(false, 'there is no shell in the container')
  return verdict(true, 'the engine’s own exec')
}
