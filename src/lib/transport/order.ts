import type { Engine } from '../engine/engine'
import type { Transport } from '../model'
import { debugTransport } from './debug/debug'
import { execTransport, openElsewhere } from './exec/exec'
import { nsenterTransport } from './nsenter/nsenter'
import { runcTransport } from './runc/runc'
import type { Surroundings } from './shared/deps'
import { sshTransport } from './ssh/ssh'

/**
 * All transports, in the order in which `--via auto` takes the first that fits.
 * @param engine undefined when the target was found without one: then only those that need none
 */
export function transports(engine: Engine | undefined, around: Surroundings): readonly Transport[] {
  if (!engine) return [runcTransport(around), nsenterTransport(around)]
  return [
    sshTransport(engine, around),
    runcTransport(around),
    execTransport(engine, around),
    nsenterTransport(around, async (plan, abort) => {
      const { openFromHelper } = await import('./nsenter/helper')
      return openFromHelper(engine, around, plan, abort)
    }),
    debugTransport(engine, around, (plan, where, abort) => openElsewhere(engine, around, plan, where, abort)),
  ]
}
