import { type AddressInfo, createServer, type Server } from 'node:net'
import { DockerBashError, messageOf } from '../errors'
import { pathOf } from './names'
import type { Listening } from './opener'
import { type End, show } from './spec'

/**
 * Listens on this host.
 * @throws DockerBashError when the address is taken, or not ours to listen at
 */
export function listenHere(end: End): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  return new Promise((settle, reject) => {
    server.once('error', (cause) => reject(notHere(end, cause)))
    if (end.kind === 'tcp') return void server.listen(end.port, end.host, () => settle(server))
    const mask = process.umask(0o177)
    try {
      server.listen(pathOf(end.path).toString(), () => settle(server))
    } finally {
      process.umask(mask)
    }
  })
}

/** The same end, with the port that was free. */
export function boundEnd(end: End, server: Pick<Listening, 'address'>): End {
  if (end.kind === 'unix') return end
  return { ...end, port: (server.address() as AddressInfo | null)?.port ?? end.port }
}

function notHere(end: End, cause: Error): DockerBashError {
  const isTaken = 'code' in cause && cause.code === 'EADDRINUSE'
  const hint = !isTaken
    ? 'another address or port may be free'
    : end.kind === 'unix'
      ? `if nobody uses it any more: rm ${end.path}`
      : 'something listens there already; with 0 for the port you get a free one'
  return new DockerBashError(`cannot listen at ${show(end)}: ${messageOf(cause)}`, { hint, cause })
}
