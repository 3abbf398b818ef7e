import type { Entry } from '../sftp/client'
import { kindOf } from '../sftp/packet'
import { largestSmall } from '../sftp/small-files'

/** What is asked for at once, in bytes. */
const batchSize = 128 * 1024
const batchFiles = 128

/** One of those that go many together. */
export function isSmall({ attributes: is }: Entry): boolean {
  return kindOf(is) === 'file' && is.size <= largestSmall && is.links === 1
}

/** Small files, many together; and the rest. */
export function inBatches(entries: readonly Entry[]): { single: readonly Entry[]; batches: readonly Entry[][] } {
  const batches: Entry[][] = []
  let size = Number.POSITIVE_INFINITY
  for (const entry of entries.filter(isSmall)) {
    const last = batches.at(-1)
    if (last && size + entry.attributes.size <= batchSize && last.length < batchFiles) last.push(entry)
    else {
      batches.push([entry])
      size = 0
    }
    size += entry.attributes.size
  }
  return { single: entries.filter((entry) => !isSmall(entry)), batches }
}
