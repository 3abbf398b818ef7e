import type { Engine } from '../../engine/engine'
import type { Judge, Plan, Probed, Request, Session, Transport, Verdict } from '../../model'
import type { Elsewhere } from '../shared/exec-site'
import { preconditions, roomFor, runs, shellIfNeeded, verdictOf } from '../shared/preconditions'
import { isSeen } from '../shared/program-files'
import type { ExecDeps, ExecEnd } from './deps'
import { ExecOpening } from './opening'

/** A session in the plan's target by an exec that begins elsewhere; its words and shell are the target's. */
export function openElsewhere(
  engine: Engine,
  end: ExecEnd,
  plan: Plan,
  where: Elsewhere,
  abort: AbortSignal,
): Promise<Session> {
  return new ExecOpening(engine, end, plan, abort, where).open()
}

export const execJudge: Judge = { name: 'exec', judge }

/** The engine API's own exec, with what it lacks: signals, an end with its client, a terminal of the right size. */
export function execTransport(engine: Engine, { findShell, ...end }: ExecDeps): Transport {
  return { ...execJudge, open: (plan, abort) => new ExecOpening(engine, end, plan, abort, { findShell }).open() }
}

function judge(target: Probed, request: Request): Verdict {
  const watchdog = isSeen(target) ? '' : ', twice: a watchdog beside the command ends it when docker-bash ends'
  const costs = [`seen in the engine’s events${watchdog}`]
  const refusal = preconditions(target, request, [runs, roomFor('exec'), shellIfNeeded])
  return verdictOf('exec', costs, refusal ?? 'the engine’s own exec')
}
