import { parseTarget, type TargetRef } from '../target/parse'

/** Who is to be who inside, and where. */
export interface LoginName {
  /** Empty for the container's own. */
  readonly user: string
  readonly target: TargetRef
}

/**
 * The name that a client logs in by: a TARGET, or `USER%TARGET`. The first `%` is meant: a TARGET that has one itself (a
 * label's value) has another in front, `%label:load=50%`.
 * @throws DockerBashError for an empty TARGET
 */
export function parseLogin(name: string): LoginName {
  const percent = name.indexOf('%')
  return { user: name.slice(0, Math.max(percent, 0)), target: parseTarget(name.slice(percent + 1)) }
}
