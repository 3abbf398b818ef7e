import { constants } from 'node:os'
import type { Ending } from '../model'

/** What docker-bash ends with: the command's own code, 128 + n for a signal, 255 when nobody knows. */
export function exitCodeOf(ending: Ending): number {
  if ('code' in ending) return ending.code
  if ('signal' in ending) return 128 + constants.signals[ending.signal]
  return 255
}
