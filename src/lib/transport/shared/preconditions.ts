import { hasNoNewPrivileges, noNewPrivileges } from '../../host/usual-attributes'
import { needsShell } from '../../inside/argv'
import type { Probed, Request, TransportName, Verdict } from '../../model'

/** Why a transport does not fit, as its verdict has it. */
export type Refusal = Pick<Verdict, 'because' | 'remedy'>

/** What has to be so, by its name. @returns why it is not; undefined where it is */
export type Precondition = (target: Probed, request: Request) => Refusal | undefined

/** The first thing in the way, in the order in which they are asked about. */
export function preconditions(target: Probed, request: Request, asked: readonly Precondition[]): Refusal | undefined {
  for (const precondition of asked) {
    const refusal = precondition(target, request)
    if (refusal) return refusal
  }
  return undefined
}

/** @param outcome what is in the way, or else why the transport fits */
export function verdictOf(transport: TransportName, costs: readonly string[], outcome: Refusal | string): Verdict {
  if (typeof outcome === 'string') return { transport, fits: true, because: outcome, costs }
  const { because, remedy } = outcome
  return { transport, fits: false, because, costs, ...(remedy && { remedy }) }
}

/** Neither stopped nor paused. */
export const runs: Precondition = ({ state }) =>
  state === 'running' ? undefined : { because: `the container is ${state}` }

/** Its engine is on this host, and not another user's. */
export const engineHere: Precondition = ({ local, foreign }) =>
  local ? undefined : { because: foreign ?? 'the engine is not on this host' }

/** What we start on this host may have more privileges than we have. */
export const newPrivileges: Precondition = () => (hasNoNewPrivileges() ? { because: noNewPrivileges } : undefined)

/** What a Go runtime that starts a command inside may need for a moment, its threads counted. */
const threads = 7

/** The container's limit of processes leaves room for a runtime, unless `transport` was asked for all the same. */
export function roomFor(transport: TransportName): Precondition {
  return ({ onHost }, { via }) => {
    const room = onHost.looked ? onHost.found.room : undefined
    if (via === transport || room === undefined || room >= threads) return undefined
    return { because: 'its limit of processes leaves no room for the threads of the runtime' }
  }
}

/** There is a shell, if the request needs one. */
export const shellIfNeeded: Precondition = ({ shells }, request) =>
  needsShell(request) && shells.looked && shells.found.length === 0
    ? { because: 'there is no shell in the container' }
    : undefined
