/** What a frame says of a socket, by the letter that stands for it. */
export const verbs = {
  /** Open one, or (with the number 0, from there) all is ready. */
  ask: 'N',
  opened: 'O',
  /** It could not be opened; an errno. */
  failed: 'F',
  /** A listener has a new connection: the listener's number, and of a port who it is. */
  accepted: 'A',
  data: 'D',
  /** One way of a connection has ended. */
  end: 'E',
  /** So many bytes were handed on, and as many more may come. */
  window: 'W',
  /** It is reset; from there with an errno. */
  reset: 'R',
  close: 'K',
  /** A datagram, with whom it goes to or comes from in front. */
  datagram: 'U',
  /** Who listens at a port: the addresses. */
  listeners: 'Q',
} as const

export type Verb = (typeof verbs)[keyof typeof verbs]

/** In bytes: as much of one way of a connection is under way at most. */
export const windowSize = 256 * 1024
/** In bytes: what one frame holds of a connection, at most. */
export const pieceSize = 64 * 1024
/** In bytes: no frame of the other end is longer. */
const mostInFrame = 2 * pieceSize

const headSize = 9

export function frame(number: number, verb: Verb, bytes: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(headSize)
  head.writeUInt32BE(number, 0)
  head.write(verb, 4, 'latin1')
  head.writeUInt32BE(bytes.length, 5)
  return Buffer.concat([head, bytes])
}

export function count(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * Takes a stream of frames apart, however it is cut.
 * @returns to be called with every chunk; it throws on a frame that is too long
 */
export function framesIn(take: (number: number, verb: string, bytes: Buffer) => void): (chunk: Buffer) => void {
  let held = Buffer.alloc(0)
  return (chunk) => {
    const bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
    let at = 0
    while (bytes.length - at >= headSize) {
      const length = bytes.readUInt32BE(at + 5)
      if (length > mostInFrame) throw new Error('garbled: a frame is too long')
      if (bytes.length - at - headSize < length) break
      const begin = at + headSize
      at = begin + length
      take(bytes.readUInt32BE(begin - headSize), String.fromCharCode(bytes[begin - 5] ?? 0), bytes.subarray(begin, at))
    }
    held = Buffer.from(bytes.subarray(at))
  }
}
