import type { Engine } from '../engine/engine'
import type { Judge, Transport } from '../model'
import { debugJudge, debugTransport } from './debug/debug'
import type { DebugDeps } from './debug/deps'
import type { ExecDeps, ExecEnd } from './exec/deps'
import { execJudge, execTransport, openElsewhere } from './exec/exec'
import type { HelperDeps, NsenterDeps } from './nsenter/deps'
import { nsenterJudge, nsenterTransport } from './nsenter/nsenter'
import type { RuncDeps } from './runc/deps'
import { runcJudge, runcTransport } from './runc/runc'
import type { SshDeps } from './ssh/deps'
import { sshJudge, sshTransport } from './ssh/ssh'

type ToolDeps = Omit<DebugDeps, 'elsewhere'>

/** What each transport needs besides the plan. */
export interface TransportDeps {
  readonly ssh: SshDeps
  readonly runc: RuncDeps
  readonly exec: ExecDeps
  readonly nsenter: NsenterDeps & HelperDeps
  readonly debug: ToolDeps
}

/** All of them for whoever opens none, in the same order. */
export function judges(): readonly Judge[] {
  return [sshJudge, runcJudge, execJudge, nsenterJudge, debugJudge]
}

/**
 * All transports, in the order in which `--via auto` takes the first that fits.
 * @param engine undefined when the target was found without one: then only those that need none
 */
export function transports(engine: Engine | undefined, deps: TransportDeps): readonly Transport[] {
  if (!engine) return [runcTransport(deps.runc), nsenterTransport(deps.nsenter)]
  return [
    sshTransport(engine, deps.ssh),
    runcTransport(deps.runc),
    execTransport(engine, deps.exec),
    nsenterTransport(deps.nsenter, async (plan, abort) => {
      const { openFromHelper } = await import('./nsenter/helper')
      return openFromHelper(engine, deps.nsenter, plan, abort)
    }),
    toolTransport(engine, deps.exec, deps.debug),
  ]
}

/** The one that brings tools along: into the target, or by an exec from beside it. @param end our end of that exec */
export function toolTransport(engine: Engine, end: ExecEnd, deps: ToolDeps): Transport {
  return debugTransport(engine, {
    ...deps,
    elsewhere: (plan, where, abort) => openElsewhere(engine, end, plan, where, abort),
  })
}
