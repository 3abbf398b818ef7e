import type { Client, ClientChannel, ExecOptions } from 'ssh2'
import { DockerBashError, messageOf } from '../errors'

const openMs = 20_000

/** What every terminal of ours begins as; the engine's name for it. */
export const plainTerminal = { term: 'xterm', cols: 80, rows: 24, width: 0, height: 0 }

/**
 * A session with a terminal, running a command.
 * @param name the container's
 * @throws DockerBashError when the server gives none
 */
export async function openWithTerminal(client: Client, command: string, name: string): Promise<ClientChannel> {
  try {
    return await run(client, command, { pty: plainTerminal as never })
  } catch (error) {
    throw isTerminalRefusal(error) ? noTerminal(name) : error
  }
}

/** ssh2's words for it. */
export function isTerminalRefusal(error: unknown): boolean {
  return /pseudo-terminal/i.test(messageOf(error))
}

export function noTerminal(name: string): DockerBashError {
  return new DockerBashError(`the sshd of ${name} gives this login no terminal`, {
    hint: `PermitTTY no, or no-pty or restrict in front of the key, does that; docker-bash -T takes none, --via exec ${name} has one`,
  })
}

/**
 * One more session on a connection, running a command.
 * @throws an error in the server's words when it refuses (MaxSessions), or does not answer in time
 */
export function run(client: Client, command: string, options: ExecOptions = {}): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(
      () =>
        reject(
          new DockerBashError(`its sshd did not open a session in ${openMs / 1000} s`, {
            hint: 'too little memory or too many processes inside, as a rule',
          }),
        ),
      openMs,
    )
    const take = (error: Error | undefined, channel: ClientChannel) => {
      clearTimeout(late)
      if (error) return reject(error)
      // ssh2: unread, it stalls the whole channel.
      channel.stderr.on('error', () => undefined)
      resolve(channel)
    }
    try {
      client.exec(command, options, take)
    } catch (error) {
      clearTimeout(late)
      reject(error)
    }
  })
}
