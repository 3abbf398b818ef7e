import { type Entry, largestSmall } from '../sftp/client'
import { kindOf } from '../sftp/packet'
import type { CopyOptions } from './tally'
import { fewFiles } from './writing'

/** What is asked for at once, in bytes. */
const batchSize = 128 * 1024
const batchFiles = 128

/**
 * Small files, many together; and the rest. A few are not worth it: each goes through to the disk by itself.
 * @param before how many of the same copy were small
 */
export function inBatches(
  entries: readonly Entry[],
  { keep }: Pick<CopyOptions, 'keep'>,
  before: number,
): { single: Entry[]; batches: Entry[][]; small: number } {
  const isSmall = ({ attributes: is }: Entry) => kindOf(is) === 'file' && is.size <= largestSmall && is.links === 1
  const small = keep ? [] : entries.filter(isSmall)
  if (small.length + before <= fewFiles) return { single: [...entries], batches: [], small: small.length }
  const batches: Entry[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const entry of small) {
    const last = batches.at(-1)
    if (last && size + entry.attributes.size <= batchSize && last.length < batchFiles) last.push(entry)
    else {
      batches.push([entry])
      size = 0
    }
    size += entry.attributes.size
  }
  return { single: entries.filter((entry) => !isSmall(entry)), batches, small: small.length }
}
