import type { OurEnd } from '../shared/deps'
import type { OpenElsewhere } from '../shared/exec-site'

/** What tools that are brought along need besides the plan. */
export interface DebugDeps extends Pick<OurEnd, 'size' | 'warn'> {
  /** The PID of the target's first process as of now; 0 when it does not run any more. */
  readonly pidNow: () => Promise<number>
  /** Opens the exec of a container beside the target, for those who are not root on its host. */
  readonly elsewhere: OpenElsewhere
  readonly tools: ToolOptions
  /** All its streams come to us, one of many perhaps. */
  readonly apart?: boolean
  /** What runs the words, where something is to be done before them. @param shell the toolbox's */
  readonly before?: (words: readonly string[], shell: string) => readonly string[]
}

/** Which tools, and what they may do. */
export interface ToolOptions {
  /** A folder of the user's own, absolute. */
  readonly own?: string | undefined
  /** An image of the engine's with static programs, instead of the built-in toolbox. */
  readonly toolbox?: string | undefined
  /** What is read-only in the container may be written. */
  readonly writable?: boolean
}
