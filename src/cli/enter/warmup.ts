import { existsSync } from 'node:fs'
import type { Settings } from '../../lib/config/settings'
import { perl } from '../../lib/host/perl'
import { readyCgroups } from '../../lib/host/warm-cgroups'
import type { Request, TransportName } from '../../lib/model'
import { supervisorFor } from '../../lib/namespaces/session'
import type { SessionSupervisor } from '../../lib/namespaces/supervisor'

/** What a session needs whatever its target is: for root on the engine's host it gets ready while the engine is asked. */
export class Ready {
  readonly supervisor: Promise<SessionSupervisor> | undefined

  /** @param asked before any target's own settings are in it, of which none changes what is got ready here */
  constructor(asked: Request, { via: set }: Settings) {
    const via = asked.via ?? set?.value ?? 'auto'
    if (process.getuid?.() !== 0 || asked.helper || via === 'ssh') return
    readyCgroups()
    if (via === 'nsenter' && existsSync(perl)) this.supervisor = supervisorFor(asked)
    // Whoever gives it its order gets the error.
    this.supervisor?.catch(() => undefined)
  }

  /** Lets go of what was for another way in than the one that is taken. */
  dropBut(taken?: TransportName): void {
    if (taken !== 'nsenter') void this.supervisor?.then((supervisor) => supervisor.release()).catch(() => undefined)
  }
}
