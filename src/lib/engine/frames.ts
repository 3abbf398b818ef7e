/** Which stream a frame belongs to, in the engine's numbers. */
export type Source = 'stdout' | 'stderr'

/** To be called with every chunk. */
export interface Frames {
  (chunk: Buffer): void
  /** No frame is under way: the stream may end here. */
  isWhole(): boolean
}

/** Why a stream is not an answer that ended in the middle of a frame. */
export const cutOff = 'the connection was cut in the middle of the output'

/**
 * Takes the engine's framed stream apart: 8 bytes of header (the stream, three zeros, the length big-endian), then the
 * bytes. Slices are handed on as they lie in the chunk; nothing is copied but a header cut in two.
 * @returns the function to call with every chunk; it throws on what is not a frame
 * @see https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach
 */
export function frames(take: (source: Source, bytes: Buffer) => void): Frames {
  const header = Buffer.alloc(8)
  let held = 0
  let left = 0
  let source: Source = 'stdout'
  const put = (chunk: Buffer) => {
    let at = 0
    while (at < chunk.length) {
      if (left === 0) {
        const copied = chunk.copy(header, held, at)
        held += copied
        at += copied
        if (held < 8) return
        held = 0
        source = sourceOf(header)
        left = header.readUInt32BE(4)
        continue
      }
      const bytes = chunk.subarray(at, at + left)
      at += bytes.length
      left -= bytes.length
      take(source, bytes)
    }
  }
  return Object.assign(put, { isWhole: () => left === 0 && held === 0 })
}

function sourceOf(header: Buffer): Source {
  // 0 is stdin; the engine never sends it, and its documentation says it is written on stdout.
  if (header[0] === 1 || header[0] === 0) return 'stdout'
  if (header[0] === 2) return 'stderr'
  throw new Error(`the engine's stream is garbled: no stream has the number ${header[0]}`)
}
