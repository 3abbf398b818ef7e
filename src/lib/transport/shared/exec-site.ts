import type { Plan, Session } from '../../model'

/** Where an exec begins when that is not in the target itself. */
export interface Elsewhere {
  /** Full ID of a container in whose PID namespace the target's processes are. */
  readonly container: string
  /** A POSIX shell in it, for the watchdog. */
  readonly shell: string
  /** `UID:GID`, as the engine takes it. */
  readonly user: string
  /**
   * What stands before the words of the target's own shell and brings them into the target.
   * @param tag to stand in it
   * @param variables for that shell's environment, each `K=V`
   */
  readonly before: (tag: string, variables: readonly string[]) => Before
}

export interface Before {
  readonly words: readonly string[]
  /** The environment of the exec itself, each `K=V`: words would be noted in the engine's events. */
  readonly env: readonly string[]
}

/** Opens a session in the plan's target by an exec that begins elsewhere. */
export type OpenElsewhere = (plan: Plan, where: Elsewhere, abort: AbortSignal) => Promise<Session>
