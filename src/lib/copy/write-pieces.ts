import { block, type Handle } from '../sftp/client'
import { ownFile, ownWrites } from './own-file'
import type { Writing } from './writing'

interface Open {
  readonly handle: Handle
  /** Where it lies, if it is a file of ours. */
  readonly own?: string | undefined
}

/**
 * Writes what is in an open file: large ones of ours without their server.
 * @param size of all pieces, in bytes
 */
export async function writePieces(
  { client, tally }: Writing,
  { handle, own }: Open,
  pieces: AsyncIterable<{ readonly at: number; readonly bytes: Buffer }>,
  size: number,
): Promise<void> {
  const file = own !== undefined && size > block ? await ownFile(own, await client.fstat(handle), 'write') : undefined
  if (file) {
    try {
      return await ownWrites(file, pieces, (bytes) => {
        tally.bytes += bytes
      })
    } finally {
      await file.close()
    }
  }
  for await (const { at, bytes } of pieces) {
    for (let from = 0; from < bytes.length; from += block) {
      const part = bytes.subarray(from, from + block)
      await client.write(handle, at + from, part)
      tally.bytes += part.length
    }
  }
}
