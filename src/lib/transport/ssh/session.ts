import { constants } from 'node:os'
import { type Duplex, Writable } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { messageOf } from '../../errors'
import type { Ending, Session } from '../../model'
import type { Tap } from '../../ssh/filtered-readable'
import type { Watch } from '../../ssh/watch'

interface Begun {
  readonly client: Client
  /** What the client speaks over. */
  readonly stream: Duplex
  readonly channel: ClientChannel
  readonly stdout: Tap
  readonly stderr: Tap
  readonly watch: Watch
  readonly tty: boolean
  /** Why the command never began, asked once all is over. */
  readonly unbegun: () => Promise<Error | undefined>
}

/** A channel whose command has begun, as a session. */
export function sessionOf({ client, stream, channel, stdout, stderr, watch, tty, unbegun }: Begun): Session {
  const ended = endingOf(client, channel).then(async (ending) => {
    if (!('lost' in ending)) await watch.dismiss()
    const reason = await unbegun()
    if (reason) throw reason
    return ending
  })
  // Whoever waits for it gets the error; before that it must not count as unhandled.
  ended.catch(() => undefined)
  const pass = async (name: NodeJS.Signals) => {
    // Our terminal was hung up, so the one inside is too: all of its jobs, which few shells tell themselves.
    if (tty && name === 'SIGHUP') watch.release()
    else await watch.signal(name)
  }
  let closing: Promise<void> | undefined
  return {
    stdin: tty ? typedInto(channel) : channel,
    stdout,
    ...(!tty && { stderr }),
    resize: async (columns, rows) => channel.setWindow(rows, columns, 0, 0),
    ...(watch.lost === undefined && { signal: (name: NodeJS.Signals) => pass(name) }),
    ended,
    close: () => {
      closing ??= (async () => {
        watch.release()
        // The watchdog needs a second at most; a command it cannot end must not keep us.
        let late: NodeJS.Timeout | undefined
        await Promise.race([ended.catch(() => undefined), new Promise((resolve) => (late = setTimeout(resolve, 2000)))])
        clearTimeout(late)
        client.end()
        // A server that does not hang up in return must not keep us.
        setTimeout(() => stream.destroy(), 500).unref()
      })()
      return closing
    },
  }
}

/** Never `code ?? 0`: a connection that goes closes the channel with no code at all. */
function endingOf(client: Client, channel: ClientChannel): Promise<Ending> {
  return new Promise((settle) => {
    let known: Ending | undefined
    let broken = 'the connection was closed'
    channel.once('exit', (code: number | null, signal?: string) => {
      known = code === null ? signalOf(signal) : codeOf(code)
    })
    channel.once('close', () => settle(known ?? { lost: broken }))
    client.once('error', (error: unknown) => {
      broken = /keepalive/i.test(messageOf(error)) ? 'its sshd has not answered for a minute' : messageOf(error)
    })
    // ssh2 closes a channel only when all of its output was read; a reader who left must not keep the ending back.
    client.once('close', () => setImmediate(() => settle(known ?? { lost: broken })))
  })
}

/** SSH has 32 bits for it; a process has eight, and what is cut down to them is another code, even success. */
function codeOf(code: number): Ending {
  return Number.isInteger(code) && code >= 0 && code <= 255
    ? { code }
    : { lost: `its sshd says that the command ended with ${code}, which is not the code of a command` }
}

function signalOf(name: string | undefined): Ending {
  const known = Object.keys(constants.signals).find((one): one is NodeJS.Signals => one === name)
  // RFC 4254 names thirteen signals; for the others OpenSSH says only that it was one.
  return known ? { signal: known } : { lost: 'a signal ended the command for which SSH has no name' }
}

/**
 * The input of a terminal. sshd makes nothing of an end of input there, so it is typed: once to hand over an unfinished
 * line, once more as the end.
 */
function typedInto(channel: ClientChannel): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => void channel.write(chunk, (error) => done(error)),
    final: (done) => void channel.write('\x04\x04', () => done()),
  })
}
