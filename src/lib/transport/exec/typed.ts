import { type Duplex, Writable } from 'node:stream'

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
