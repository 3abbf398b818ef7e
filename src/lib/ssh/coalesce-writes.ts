import type { Writable } from 'node:stream'

/**
 * Has what is written to a stream in one turn of the event loop go out together. ssh2 writes the length, the bytes and
 * the authentication of each packet one by one, of 32 KiB at most: three system calls where dozens of packets need one.
 * @param count is told of the bytes of each write
 */
export function gather<T extends Writable>(stream: T, count: (bytes: number) => void): T {
  const write = stream.write.bind(stream) as (...words: unknown[]) => boolean
  let isHeld = false
  const writeHeld = (...words: unknown[]): boolean => {
    if (!isHeld) {
      isHeld = true
      stream.cork()
      process.nextTick(() => {
        isHeld = false
        stream.uncork()
      })
    }
    count((words[0] as Buffer).length)
    return write(...words)
  }
  return Object.assign(stream, { write: writeHeld })
}
