import { existsSync } from 'node:fs'
import type { Settings } from '../../lib/config/settings'
import { perl } from '../../lib/host/perl'
import { readyCgroups } from '../../lib/host/warm-cgroups'
import type { Request, TransportName } from '../../lib/model'
import { keeperFor } from '../../lib/namespaces/session'
import type { Keeper } from '../../lib/namespaces/supervisor'

/** What a session needs whatever its target is: for root on the engine's host it gets ready while the engine is asked. */
export class Ready {
  readonly keeper: Promise<Keeper> | undefined

  /** @param asked before any target's own settings are in it, of which none changes what is got ready here */
  constructor(asked: Request, { via: set }: Settings) {
    const via = asked.via ?? set?.value ?? 'auto'
    if (process.getuid?.() !== 0 || asked.helper || via === 'ssh') return
    readyCgroups()
    if (via === 'nsenter' && existsSync(perl)) this.keeper = keeperFor(asked)
    // Whoever gives it its order gets the error.
    this.keeper?.catch(() => undefined)
  }

  /** Lets go of what was for another way in than the one that is taken. */
  dropBut(taken?: TransportName): void {
    if (taken !== 'nsenter') void this.keeper?.then((keeper) => keeper.release()).catch(() => undefined)
  }
}
