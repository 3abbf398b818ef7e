import { connect, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { DockerBashError, errno, messageOf } from '../errors'
import { boundEnd, listenHere } from './listen'
import { addressIn, type Dialler, pathOf, type Readable } from './names'
import type { Listening, Opener } from './opener'
import { type Carried, relay, reset } from './relay'
import { serveSocks } from './socks'
import { type End, type Forward, show } from './spec'

/** What becomes known of a forward. */
export interface ForwardEvents {
  /** Somebody connected and is joined to the other end; again with what was carried, when it is over. */
  carried(forward: Forward, carried: Carried): void
  /** Two sides are joined until `over` settles; `live` says what was carried up to now. */
  joined?(forward: Forward, live: () => Carried, over: Promise<unknown>): void
  /** A connection that could not be joined. The forward goes on. */
  refused(forward: Forward, to: End, why: string): void
}

/** A forward that listens; `forward` has the port that was free. */
export interface Standing<S extends Listening = Listening> {
  readonly forward: Forward
  readonly server: S
  /** Connects to the other end, as for somebody who came; absent where that depends on who comes. */
  readonly reach?: () => Promise<Duplex>
}

/** From here into the container. @throws DockerBashError when it cannot listen */
export async function forwardIn(
  maker: Dialler,
  held: Readable,
  asked: Forward,
  events: ForwardEvents,
): Promise<Standing<Server>> {
  // A name that nobody knows is said now, and not to each connection.
  await addressIn(maker, held, asked.to)
  const server = await listenHere(asked.from)
  const forward = { ...asked, from: boundEnd(asked.from, server) }
  const reach = async () => maker.connect(await addressIn(maker, held, forward.to))
  serve(server, forward, reach, events)
  return { forward, server, reach }
}

/** From the container to here. @throws DockerBashError when it cannot listen in there */
export async function forwardOut(
  maker: Pick<Opener, 'connect' | 'listen'>,
  held: Readable,
  asked: Forward,
  events: ForwardEvents,
): Promise<Standing> {
  const at = await addressIn(maker, held, asked.from)
  const server = await maker.listen(at).catch((cause: unknown) => {
    throw new DockerBashError(`cannot listen at ${show(asked.from)} in ${held.name}: ${messageOf(cause)}`, {
      hint: 'another address or port may be free there; with 0 for the port you get a free one',
      cause,
    })
  })
  const forward = { ...asked, from: boundEnd(asked.from, server) }
  const reach = () => connectHere(forward.to)
  serve(server, forward, reach, events)
  return { forward, server, reach }
}

/** Wherever a client of the proxy asks for. */
const anywhere: End = { kind: 'tcp', host: '*', port: 0 }

/** A SOCKS proxy here, whose connections go out of the container's network. */
export async function forwardAny(maker: Dialler, held: Readable, at: End, events: ForwardEvents): Promise<Standing> {
  const server = await listenHere(at)
  const from = boundEnd(at, server)
  server.on('connection', (client) => {
    client.on('error', () => undefined)
    let asked: End = anywhere
    const reach = async (to: End) => {
      asked = to
      return maker.connect(await addressIn(maker, held, to))
    }
    serveSocks(client, reach).then(
      async ({ socket, to }) => {
        const one = { from, to }
        events.carried(one, await relay(client, socket, (...live) => events.joined?.(one, ...live)))
      },
      (error: unknown) => events.refused({ from, to: asked }, asked, messageOf(error)),
    )
  })
  return { forward: { from, to: anywhere }, server }
}

function serve(server: Listening, forward: Forward, reach: () => Promise<Duplex>, events: ForwardEvents): void {
  server.on('connection', (client) => {
    // Until it is joined; then the relay hears of it.
    client.on('error', () => undefined)
    reach().then(
      async (socket) => {
        // By an exec it is known only later that nobody listens.
        let why: string | undefined
        const failed = (error: Error) => {
          if (errno(error) === 'ECONNREFUSED') why = messageOf(error)
        }
        const carried = await relay(client, socket, (...live) => events.joined?.(forward, ...live), failed)
        if (why === undefined) events.carried(forward, carried)
        else events.refused(forward, forward.to, why)
      },
      (error: unknown) => {
        // Nobody can be refused who has been accepted; a reset is the nearest to it.
        reset(client)
        events.refused(forward, forward.to, messageOf(error))
      },
    )
  })
}

function connectHere(to: End): Promise<Socket> {
  const where = to.kind === 'tcp' ? { host: to.host, port: to.port } : { path: pathOf(to.path).toString() }
  return new Promise((settle, reject) => {
    const socket = connect({ ...where, allowHalfOpen: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      settle(socket)
    })
  })
}
