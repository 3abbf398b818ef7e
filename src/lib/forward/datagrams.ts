import { messageOf } from '../errors'
import type { Peer as Client, Datagrams } from './opener'
import type { Carried } from './relay'

/** Where datagrams go to: an address that is written out, as Node writes it. */
export interface Destination {
  readonly host: string
  readonly port: number
}

export interface DatagramLimits {
  /** ms without a datagram either way, after which a client is forgotten. */
  readonly idleMs: number
  /** Clients at once. One more takes the place of the one that was silent for longest. */
  readonly peers: number
}

export interface DatagramEvents {
  joined(carried: () => Carried, over: Promise<unknown>): void
  /** A client is forgotten. */
  left(carried: Carried): void
  refused(why: string): void
}

/** The default: what a home router grants a UDP client. */
export const usualLimits: DatagramLimits = { idleMs: 60_000, peers: 1024 }

/** Datagrams that wait for a client's socket; more are lost, as UDP may lose any. */
const mostWaiting = 16

/**
 * Hands datagrams on from each client by a socket of its own, so that the answers find their way back.
 * @param at receives from the clients
 * @param open makes a socket that can send to the destination, and says which that is
 * @returns forgets all clients; what comes later begins anew
 */
export function relayDatagrams(
  at: Datagrams,
  open: () => Promise<{ socket: Datagrams; to: Destination }>,
  events: DatagramEvents,
  { idleMs, peers: most }: DatagramLimits = usualLimits,
): () => void {
  // In the order in which they were last heard: the first is the one silent for longest.
  const peers = new Map<string, Peer>()
  at.on('message', (bytes, client) => {
    const key = `${client.address} ${client.port}`
    let peer = peers.get(key)
    if (!peer) {
      const [oldest] = peers.values()
      if (oldest && peers.size >= most) oldest.close()
      peer = new Peer(at, client, open, events, idleMs)
      peer.closed = () => peers.delete(key)
    }
    peers.delete(key)
    peers.set(key, peer)
    peer.send(bytes)
  })
  // Of one datagram that could not be sent: too long, or nobody hears. The next one may be.
  at.on('error', () => undefined)
  return () => {
    for (const peer of peers.values()) peer.close()
  }
}

class Peer {
  closed: () => void = () => undefined
  #ended: () => void = () => undefined
  readonly #events: DatagramEvents
  readonly #timer: NodeJS.Timeout
  #way: { socket: Datagrams; to: Destination } | undefined
  #waiting: Buffer[] = []
  #isOver = false
  #out = 0
  #back = 0

  constructor(
    at: Datagrams,
    client: Client,
    open: () => Promise<{ socket: Datagrams; to: Destination }>,
    events: DatagramEvents,
    idleMs: number,
  ) {
    this.#events = events
    this.#timer = setTimeout(() => this.close(), idleMs)
    this.#timer.unref()
    open().then(
      (way) => this.#opened(way, at, client),
      (error: unknown) => {
        if (!this.#isOver) events.refused(messageOf(error))
        this.close()
      },
    )
  }

  #opened(way: { socket: Datagrams; to: Destination }, at: Datagrams, client: Client): void {
    if (this.#isOver) return void way.socket.close()
    this.#way = way
    way.socket.on('error', () => undefined)
    way.socket.on('message', (bytes, { address, port }) => {
      // It is not connected, so that anybody may send to it.
      if (address !== way.to.host || port !== way.to.port || this.#isOver) return
      this.#timer.refresh()
      this.#back += bytes.length
      at.send(bytes, client.port, client.address, () => undefined)
    })
    const over = new Promise<void>((settle) => {
      this.#ended = settle
    })
    this.#events.joined(() => this.#carried(), over)
    for (const bytes of this.#waiting.splice(0)) this.send(bytes)
  }

  send(bytes: Buffer): void {
    this.#timer.refresh()
    if (!this.#way) {
      if (this.#waiting.length < mostWaiting) this.#waiting.push(bytes)
      return
    }
    this.#out += bytes.length
    this.#way.socket.send(bytes, this.#way.to.port, this.#way.to.host, () => undefined)
  }

  close(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#way?.socket.close()
    this.closed()
    this.#ended()
    if (this.#way) this.#events.left(this.#carried())
  }

  #carried(): Carried {
    return { out: this.#out, back: this.#back }
  }
}
