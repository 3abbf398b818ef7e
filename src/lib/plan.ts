import { DockerBashError } from './errors'
import type { Judge, Plan, Probed, Request } from './model'

/**
 * Asks every transport, in order, whether it fits and why, and keeps every verdict. Pure: whatever had to be found out
 * was looked at before. `chosen` is absent when none fits (or the one asked for does not).
 */
export function judgeAll(
  target: Probed,
  request: Request,
  judges: readonly Judge[],
): Omit<Plan, 'transport'> & { transport?: Plan['transport'] } {
  const { via, prefer } = request
  // Judged as if it had been asked for; what does not fit then gives way to the usual order.
  const asked = { ...request, ...(prefer && { via: prefer }) }
  const verdicts = judges.map((one) => one.judge(target, one.name === prefer ? asked : request))
  const preferred = verdicts.find(({ transport, fits }) => fits && transport === prefer)?.transport
  if (!via && preferred) return { target, request: asked, verdicts, transport: preferred }
  const wanted = via ? verdicts.filter(({ transport }) => transport === via) : verdicts
  const chosen = wanted.find(({ fits }) => fits)?.transport
  return { target, request, verdicts, ...(chosen && { transport: chosen }) }
}

/** @throws DockerBashError when no transport fits, with the reason of the one asked for or of the last resort */
export function plan(target: Probed, request: Request, judges: readonly Judge[]): Plan {
  const judged = judgeAll(target, request, judges)
  if (judged.transport) return { ...judged, transport: judged.transport }
  const refusal = judged.verdicts.find(({ transport }) => transport === (request.via ?? 'exec'))
  throw new DockerBashError(
    `${target.name} cannot be entered by ${request.via ?? 'any way'}: ${refusal?.because ?? 'no verdict'}`,
    {
      hint: refusal?.remedy ?? `docker-bash explain ${target.name} shows every way and why`,
    },
  )
}

/**
 * The plan by the next way that fits, after one that could not begin; its verdict says so from then on.
 * @returns undefined when one way was asked for, or none is left
 */
export function planWithout(failed: Plan, because: string): Plan | undefined {
  const { via, ...request } = failed.request
  if (via && via !== request.prefer) return undefined
  const verdicts = failed.verdicts.map((verdict) =>
    verdict.transport === failed.transport ? { ...verdict, fits: false, because } : verdict,
  )
  const next = verdicts.find(({ fits }) => fits)
  return next && { ...failed, request, verdicts, transport: next.transport }
}
