import type { SessionSupervisor } from '../../namespaces/supervisor'
import type { OurEnd } from '../shared/deps'

/** What entering namespaces needs besides the plan. */
export interface NsenterDeps extends Pick<OurEnd, 'size' | 'note'> {
  /** The PID of the target's first process as of now; 0 when it does not run any more. */
  readonly pidNow: () => Promise<number>
  /** Started while the target was looked for; absent: one is started when the session is. */
  readonly supervisor?: Promise<SessionSupervisor> | undefined
}

/** What the same from a helper container needs besides the plan. */
export interface HelperDeps extends OurEnd, Pick<NsenterDeps, 'pidNow'> {
  /** An image of the engine's for the helper, instead of the built-in toolbox. */
  readonly toolbox?: string | undefined
}
