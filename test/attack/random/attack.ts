/** One kind of attack that is drawn at random. */
import type { Random } from '../../support/random'

export interface Attack {
  /** Once, before the attempts. */
  prepare(): Promise<void>
  /**
   * Draws one, makes it, and throws if something does not hold.
   * @param say what is tried, in a few words; all of it is drawn before the first act
   */
  attempt(draw: Random, say: (text: string) => void): Promise<void>
}

/** A failure that nobody foresaw is one that docker-bash has no words for. */
export const unforeseen = /unexpected|internal error|\n\s+at \S+ \(|TypeError|undefined/
