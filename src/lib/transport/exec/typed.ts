import { type Duplex, Writable } from 'node:stream'
import type { Output } from './output'

/**
 * The input of a terminal. Ending the connection would end the output too (moby closes both with a terminal), so the
 * end of input is typed: once to hand over an unfinished line, once more as the end.
 */
export function typedInto(connection: Duplex): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void connection.write(chunk, (error) => done(error)),
    final: (done) => void connection.write('\x04\x04', () => done()),
  })
}

/** The terminal echoes the line that opens the gate; it is not the command's. */
export function withoutEcho(output: Output): (bytes: Buffer) => Buffer | undefined {
  const echo = Buffer.from('\r\n')
  let seen = 0
  return (bytes) => {
    let at = 0
    while (seen < echo.length && at < bytes.length && bytes[at] === echo[seen]) {
      at++
      seen++
    }
    if (seen === echo.length || at < bytes.length) output.filter(undefined)
    return at < bytes.length ? bytes.subarray(at) : undefined
  }
}
