import type { Client, ClientChannel, ExecOptions } from 'ssh2'
import { DockerBashError } from '../errors'

const openMs = 20_000

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
