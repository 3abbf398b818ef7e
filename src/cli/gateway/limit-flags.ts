import * as Flags from '@oclif/core/flags'
import type { Bounds } from '../../lib/gateway/limits'

const count = (description: string) => ({ helpValue: 'N', description, min: 1 })

/** How many may be here, and how often somebody may try to come in. */
export const limitFlags = {
  'max-connections': Flags.integer({ ...count('at once; half of them from one address'), max: 10_000, default: 128 }),
  'max-per-key': Flags.integer(count('of these by one key; half of them')),
  'connections-per-minute': Flags.integer({ ...count('fresh ones from one address'), default: 120 }),
  'logins-per-minute': Flags.integer({ ...count('by one key; and that fail from one address'), default: 60 }),
}

export interface LimitFlags {
  readonly 'max-connections': number
  readonly 'max-per-key'?: number | undefined
  readonly 'connections-per-minute': number
  readonly 'logins-per-minute': number
}

export function boundsBy(flags: LimitFlags): Bounds {
  const connections = flags['max-connections']
  return {
    connections,
    perKey: flags['max-per-key'] ?? Math.ceil(connections / 2),
    connectionsPerMinute: flags['connections-per-minute'],
    loginsPerMinute: flags['logins-per-minute'],
  }
}
