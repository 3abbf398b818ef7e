import { write, writev } from 'node:fs'
import { Writable } from 'node:stream'
import { errno } from '../errors'

/**
 * One of our own descriptors (1 or 2) to write to. Not `process.stdout`: that makes a pipe non-blocking for everybody
 * who shares it, and cannot be awaited to the last byte. Writes run beside the event loop, so that a reader who sleeps
 * never keeps us from reading the session.
 */
export function sink(fd: 1 | 2): Writable {
  return new Writable({
    highWaterMark: 256 * 1024,
    decodeStrings: true,
    // Nothing to write is somebody who waits for what was written before.
    write: (chunk: Buffer, _encoding, done) => (chunk.length === 0 ? done() : all(fd, [chunk], done)),
    writev: (parts, done) =>
      all(
        fd,
        parts.map(({ chunk }) => chunk as Buffer),
        done,
      ),
  })
}

/** At most this many buffers at a time: Linux's IOV_MAX. */
const most = 1024

function all(fd: number, chunks: Buffer[], done: (error?: Error | null) => void): void {
  const now = chunks.slice(0, most)
  const next = (error: NodeJS.ErrnoException | null, written: number) => {
    // Somebody else made it non-blocking and it is full: no event tells when there is room again.
    if (errno(error) === 'EAGAIN') return void setTimeout(() => all(fd, chunks, done), 5)
    if (error) return done(error)
    const left = without(chunks, written)
    if (left.length === 0) done()
    else all(fd, left, done)
  }
  const [first] = now
  if (first && now.length === 1) write(fd, first, next)
  else writev(fd, now, next)
}

function without(chunks: Buffer[], written: number): Buffer[] {
  let left = written
  for (const [index, chunk] of chunks.entries()) {
    if (left < chunk.length) return [chunk.subarray(left), ...chunks.slice(index + 1)]
    left -= chunk.length
  }
  return []
}
