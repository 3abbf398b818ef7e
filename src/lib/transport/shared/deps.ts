import type { Size } from '../../engine/exec'

/**
 * Our end of a session, which most transports are given. What else one needs stands in its own `deps.ts`.
 */
export interface OurEnd {
  /** Of our terminal; undefined without one. */
  readonly size: Size | undefined
  /** A line for `-v`. */
  readonly note: (text: string) => void
  /** A line for stderr, always. */
  readonly warn: (text: string) => void
}
