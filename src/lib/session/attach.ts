import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DockerBashError, errno, messageOf } from '../errors'
import type { Ending, Session } from '../model'
import { forwardSignals } from './signals'

/** Our side of a session. */
export interface Streams {
  /** Absent: the command's input ends at once. */
  readonly stdin?: Readable
  readonly stdout: Writable
  readonly stderr: Writable
}

/**
 * Joins a session to our streams until it ends: input goes in as long as the command takes it, all output is written
 * before this settles, signals are passed on. Our streams are not closed.
 * @throws DockerBashError when our own stdout cannot be written (a full disk); a reader who left is an ending (SIGPIPE)
 */
export async function attach(session: Session, streams: Streams): Promise<Ending> {
  const stopForwarding = forwardSignals((name) => void session.signal?.(name))
  const input = session.stdin ? feed(session.stdin, streams.stdin) : { stop() {} }
  try {
    const failures = await Promise.all([
      session.stdout && copy(session, session.stdout, streams.stdout),
      session.stderr && copy(session, session.stderr, streams.stderr),
    ])
    const ending = await session.ended
    const failed = failures.find((failure) => failure !== undefined)
    if (errno(failed) === 'EPIPE') return { signal: 'SIGPIPE' }
    if (failed)
      throw new DockerBashError(`cannot write the output: ${messageOf(failed)}`, { hint: 'the command was ended' })
    return ending
  } finally {
    input.stop()
    stopForwarding()
    await session.close()
  }
}

/** @returns why our side could not be written, once the session was told to end for it */
async function copy(session: Session, from: Readable, to: Writable): Promise<unknown> {
  let failure: unknown
  const failed = (error: unknown) => {
    failure ??= error
    void session.close()
  }
  to.on('error', failed)
  try {
    await pipeline(from, to, { end: false })
    await flushed(to)
  } catch (error) {
    failed(error)
    from.resume()
  } finally {
    to.off('error', failed)
  }
  return failure
}

function flushed(to: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write('', (error) => (error ? reject(error) : resolve()))
  })
}

function feed(stdin: Writable, from: Readable | undefined): { stop(): void } {
  // A command that ended or closed its input is no failure: its output and code say how it went.
  stdin.on('error', () => from?.pause())
  if (!from) {
    stdin.end()
    return { stop() {} }
  }
  // An input that cannot be read (a folder, a terminal that hung up) is at its end.
  from.once('error', () => stdin.end())
  // Without `end: false` Node's pipe() looks at process.stdout, and that makes a pipe there non-blocking: for the child
  // that was handed it, and for everybody else who writes to it.
  from.pipe(stdin, { end: false })
  from.once('end', () => stdin.end())
  return {
    stop() {
      from.unpipe(stdin)
      from.destroy()
    },
  }
}
