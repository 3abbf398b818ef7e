import { DockerBashError, type NotBegun } from '../errors'
import type { SftpStreams } from '../sftp/server'
import type { Channel } from '../ssh/server/channel'

/** Of a shell, for what it does not find. */
export const notThere = 127

/**
 * Joins a channel to a server of files, until either has ended.
 * @returns whether it was the client that ended it
 */
export async function serveFiles(server: SftpStreams, channel: Channel): Promise<boolean> {
  const { input, output, ended } = server
  input.on('error', () => undefined)
  output.on('error', () => undefined)
  let isClients = false
  channel.input.once('end', () => (isClients = true)).pipe(input)
  const said = new Promise<void>((settle) => output.once('end', settle).once('close', settle))
  output.pipe(channel.output, { end: false })
  void channel.closed.then(() => {
    isClients = true
    // It writes to nobody any more, and must not wait for that.
    output.unpipe().resume()
    return server.close()
  })
  await Promise.all([ended, said])
  await new Promise<void>((written) => channel.output.write('', () => written()))
  return isClients
}

/** @param beside why they cannot be served from beside */
export function noFiles(name: string, beside: NotBegun): DockerBashError {
  return new DockerBashError(
    `the files of ${name} cannot be served: ${beside.message}, and there is no sftp-server in it`,
    {
      hint: 'install an sftp-server in it, or run docker-bash as root on the engine’s host',
      code: notThere,
      cause: beside,
    },
  )
}
