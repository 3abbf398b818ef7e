import type { Duplex } from 'node:stream'

const MiB = 1024 * 1024
/** Bytes through a connection after which what they left behind is collected. */
const often = 4 * MiB

/**
 * Has V8 collect young buffers each time so much has come in or gone out. ssh2 makes three of every packet, and V8 looks
 * which of them anybody still needs only when they are 32 MiB, which then is half of what we hold. One that is larger,
 * never touched and let go of at once, has it look now: it is memory by its number only.
 * @returns to be told of bytes that go out
 */
export function sweep(stream: Duplex): (bytes: number) => void {
  const count = sweeper()
  stream.on('data', (chunk: Buffer) => count(chunk.length))
  return count
}

/** The same, told of all bytes. */
export function sweeper(): (bytes: number) => void {
  let since = 0
  let isFirst = true
  return (bytes) => {
    since += bytes
    if (since < often) return
    since = 0
    // When glibc is given back this much in one piece, it no longer gives every freed megabyte back to the kernel, from
    // which the next packets would fetch it again.
    try {
      void new ArrayBuffer(isFirst ? 31 * MiB : 33 * MiB)
    } catch {
      // Not even by its number: where memory is that short, V8 looks by itself.
    }
    isFirst = false
  }
}
