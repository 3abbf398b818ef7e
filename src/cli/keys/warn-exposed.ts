import type { Engine } from '../../lib/engine/engine'
import type { Exposable } from '../../lib/ssh/exposure'
import { say } from '../output/errors'

/** Says which of these containers everybody can log in to. Those with no port open to others cost nothing. */
export async function warnOfExposure(engine: Engine, targets: readonly Exposable[]): Promise<void> {
  const open = targets.filter(({ published, state }) => state === 'running' && published.length > 0)
  if (open.length === 0) return
  const { exposure, reachable } = await import('../../lib/ssh/exposure')
  const found = await Promise.all(
    open
      .filter((target) => reachable(target).length > 0)
      .map((target) => exposure(engine, target).catch(() => undefined)),
  )
  for (const warning of found) if (warning) say(warning)
}
