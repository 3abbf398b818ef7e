import type { OurEnd } from '../shared/deps'

/** What runc and crun need besides the plan. */
export interface RuncDeps extends Pick<OurEnd, 'size'> {
  /** Looks for a shell when none is known; asked at most once. */
  readonly findShell: () => Promise<string | undefined>
  /** All its streams come to us: no process is handed a descriptor of our own. */
  readonly apart?: boolean
}
