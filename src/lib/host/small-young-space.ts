import { versions } from 'node:process'
import { setFlagsFromString } from 'node:v8'

/** The newest whose flag is known to be there: one that does not have it says so on stderr. */
const newestKnown = 13

/**
 * Keeps V8's space for young objects as small as it is now. V8 doubles it, up to 32 MiB, when much outlives a
 * collection, as the names of many files do, and never gives it back while we are busy.
 */
export function keepYoungSpaceSmall(): void {
  if (Number.parseInt(versions.v8, 10) <= newestKnown) setFlagsFromString('--semi-space-growth-factor=1')
}
