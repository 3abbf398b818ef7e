import type { Size } from '../engine/exec'

/** What a transport needs of the outside besides the plan. */
export interface Surroundings {
  /** Looks for a shell when /bin/sh is none; asked at most once. */
  readonly findShell: () => Promise<string | undefined>
  /** Of our terminal; undefined without one. */
  readonly size: Size | undefined
  /** In Docker's notation; undefined for none. */
  readonly detachKeys: string | undefined
  /** A line for `-v`. */
  readonly note: (text: string) => void
  /** A line for stderr, always. */
  readonly warn: (text: string) => void
}
