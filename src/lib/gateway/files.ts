import type { SftpStreams } from '../sftp/server'
import type { Channel } from '../ssh/server/channel'

/** Joins a channel to a server of files, until either has ended. */
export async function serveFiles(server: SftpStreams, channel: Channel): Promise<void> {
  const { input, output, ended } = server
  input.on('error', () => undefined)
  output.on('error', () => undefined)
  channel.input.pipe(input)
  const said = new Promise<void>((settle) => output.once('end', settle).once('close', settle))
  output.pipe(channel.output, { end: false })
  void channel.closed.then(() => {
    input.end()
    // It writes to nobody any more, and must not wait for that.
    output.unpipe().resume()
  })
  await Promise.all([ended, said])
  await new Promise<void>((written) => channel.output.write('', () => written()))
}
