import type { Readable, Writable } from 'node:stream'
import { DockerBashError, errno, messageOf } from '../errors'
import type { Ending, Session } from '../model'
import { shortly } from './beginning'
import { FileInput } from './file-input'
import { forwardSignals } from './signals'
import { Sink } from './sink'
import { Spool } from './spool'

/** Our side of a session. */
export interface Streams {
  /** Absent: the command's input ends at once. */
  readonly stdin?: Readable | FileInput
  readonly stdout: Writable
  readonly stderr: Writable
}

/**
 * Joins a session to our streams until it ends: input goes in as long as the command takes it, all output is written
 * before this settles, signals are passed on. Our streams are not closed.
 * @param left settles when the session is given up, though it has not ended
 * @throws DockerBashError when our own stdout cannot be written (a full disk); a reader who left is an ending (SIGPIPE)
 */
export async function attach(
  session: Session,
  streams: Streams,
  hear = forwardSignals,
  left: Promise<Ending> = new Promise(() => undefined),
): Promise<Ending> {
  const stopForwarding = hear((name) => void session.signal?.(name))
  const input = session.stdin ? feed(session.stdin, streams.stdin) : { stop() {} }
  let isLeft = false
  void left.then(() => (isLeft = true))
  const ended = async (): Promise<Ending> => {
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
  }
  try {
    return await Promise.race([ended(), left])
  } finally {
    input.stop()
    stopForwarding()
    // What cannot end now must not keep us: its watchdog does not need us.
    if (isLeft) await shortly(session.close(), 500)
    else await session.close()
  }
}

/**
 * All of a stream to one of ours, as fast as both go.
 * @returns why our side could not be written, once the session was told to end for it
 */
function copy(session: Session, from: Readable, to: Writable): Promise<unknown> {
  return new Promise((settle) => {
    let failure: unknown
    const room = () => from.resume()
    const put = (chunk: Buffer) => {
      if (!to.write(chunk)) from.pause()
    }
    const failed = (error: unknown) => {
      failure ??= error
      if (from instanceof Spool) from.straight(undefined)
      from.off('data', put)
      // What still comes is for nobody, and must not hold up the end.
      from.resume()
      void session.close()
    }
    const ended = () => {
      from.off('close', ended)
      from.off('end', ended)
      if (failure !== undefined) return left()
      // Settles when all that was written before is out.
      to.write('', (error) => {
        if (error) failed(error)
        left()
      })
    }
    const left = () => {
      // The error of a write that failed is told to whoever waits for it first, and then to all.
      if (failure === undefined) to.off('error', failed)
      to.off('drain', room)
      settle(failure)
    }
    if (from instanceof Spool && to instanceof Sink) from.straight((bytes) => to.now(bytes))
    to.on('error', failed)
    to.on('drain', room)
    from.on('error', failed)
    from.on('data', put)
    from.once('end', ended)
    from.once('close', ended)
    // A session may be over before anybody listens.
    if (from.destroyed || from.readableEnded) ended()
  })
}

function feed(stdin: Writable, from: Readable | FileInput | undefined): { stop(): void } {
  // A command that ended or closed its input is not a failure: its output and code say how it went.
  stdin.on('error', () => undefined)
  if (!from) {
    stdin.end()
    return { stop() {} }
  }
  if (from instanceof FileInput) {
    void from.feed(stdin)
    return from
  }
  stdin.on('error', () => from.pause())
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
