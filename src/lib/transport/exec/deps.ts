import type { OurEnd } from '../shared/deps'

/** What every exec needs of our end, wherever it begins. */
export interface ExecEnd extends OurEnd {
  /** All its streams come to us, one of many perhaps: what is not read yet is kept in a file rather than in memory. */
  readonly apart?: boolean
  /** In Docker's notation; left out for none. */
  readonly detachKeys?: string | undefined
}

/** What an exec needs besides the plan. */
export interface ExecDeps extends ExecEnd {
  /** Looks for a shell when /bin/sh is none; asked at most once. */
  readonly findShell: () => Promise<string | undefined>
}
