import type { Duplex } from 'node:stream'
import { DockerBashError, messageOf } from '../../errors'
import { Channel, ownPacket, ownWindow, type Peer } from './channel'
import { Fields } from './fields'
import type { Speaker, Wire } from './mended'

/** Where a client wants to be connected to. */
export type Wanted =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** What a client can have. */
export interface Offers {
  session(channel: Channel): void
  /** @throws for what cannot be reached; the text is the client's */
  connect(to: Wanted): Promise<Duplex>
  join(channel: Channel, socket: Duplex): void
  /**
   * A request to the connection as a whole.
   * @returns what is answered; undefined when it is refused
   */
  ask(name: string, fields: Fields): Promise<Buffer | undefined>
}

/** From where a connection came that the client is to take. */
export type Arrived =
  | { readonly kind: 'tcp'; readonly bound: Listener; readonly from: Listener }
  | { readonly kind: 'unix'; readonly path: string }
  /** Somebody who wants the client's agent. */
  | { readonly kind: 'agent' }
type Listener = { readonly host: string; readonly port: number }

/** Open at once, by a client. */
const mostChannels = 64
/** Requests to the connection as a whole that are not answered yet: more than one read of a socket can hold. */
const mostAnswers = 2048
/** In bytes: a request names a host, a port or a path. So many of the largest would wait in 8 MB. */
const longestRequest = 4096

const { prohibited, failed, unknown, short } = { prohibited: 1, failed: 2, unknown: 3, short: 4 }

/** The connection protocol (RFC 4254) with one client. */
export class Connection implements Speaker {
  readonly #wire: Wire
  readonly #offers: Offers
  readonly #channels = new Map<number, Channel>()
  /** Opened by us, and not answered yet. */
  readonly #asked = new Map<number, { give(channel: Channel): void; refuse(error: Error): void }>()
  #count = 0
  #opening = 0
  #answering = 0
  #noMoreSessions = false
  #isOver = false
  /** Requests are answered in their order. */
  #answers: Promise<void> = Promise.resolve()

  constructor(wire: Wire, offers: Offers) {
    this.#wire = wire
    this.#offers = offers
  }

  take(message: Buffer): void {
    const fields = new Fields(message, 1)
    const type = message[0] ?? 0
    if (type === 80) this.#global(fields)
    else if (type === 90) this.#open(fields)
    else if (type === 91) this.#confirmed(fields)
    else if (type === 92) this.#refused(fields)
    // Answers to keep-alives, which need none themselves.
    else if (type > 92) this.#ofChannel(type, fields)
  }

  room(): void {
    for (const channel of this.#channels.values()) channel.flush()
  }

  /** The client is gone. */
  end(): void {
    this.#isOver = true
    for (const channel of this.#channels.values()) channel.gone()
    this.#channels.clear()
    for (const { refuse } of this.#asked.values()) refuse(new Error('the client is gone'))
    this.#asked.clear()
  }

  /** Asks the client to take a connection. @throws when it does not */
  offer(arrived: Arrived): Promise<Channel> {
    const number = this.#count++
    return new Promise((give, refuse) => {
      if (this.#isOver) throw new Error('the client is gone')
      if (this.#isFull) throw new Error('too many channels')
      this.#asked.set(number, { give, refuse })
      if (arrived.kind === 'agent') {
        this.#wire.send('openssh_authAgent', number, ownWindow, ownPacket)
      } else if (arrived.kind === 'unix') {
        const from = { socketPath: arrived.path }
        this.#wire.send('openssh_forwardedStreamLocal', number, ownWindow, ownPacket, from)
      } else {
        const { bound, from } = arrived
        this.#wire.send('forwardedTcpip', number, ownWindow, ownPacket, {
          ...{ boundAddr: bound.host, boundPort: bound.port, remoteAddr: from.host, remotePort: from.port },
        })
      }
    })
  }

  /** Settles when all is done that has been asked of the connection: what comes behind it may need it, as with sshd. */
  get asked(): Promise<void> {
    return this.#answers
  }

  get #isFull(): boolean {
    return this.#channels.size + this.#asked.size + this.#opening >= mostChannels
  }

  #global(fields: Fields): void {
    if (fields.left > longestRequest) throw new RangeError('a request is too long')
    const name = fields.text()
    const isAsked = fields.flag()
    if (name === 'no-more-sessions@openssh.com') this.#noMoreSessions = true
    if (++this.#answering > mostAnswers) throw new RangeError('too many requests at once')
    const answered = name === 'no-more-sessions@openssh.com' ? empty : this.#offers.ask(name, fields)
    // It may wait for those before it.
    answered.catch(() => undefined)
    this.#answers = this.#answers.then(async () => {
      const data = await answered.catch(() => undefined)
      this.#answering--
      if (!isAsked) return
      if (data === undefined) this.#wire.send('requestFailure')
      else this.#wire.send('requestSuccess', ...(data.length > 0 ? [data] : []))
    })
  }

  #open(fields: Fields): void {
    const type = fields.text()
    const peer = { number: fields.number(), window: fields.number(), packet: fields.number() }
    const refuse = (reason: number, why: string) => this.#wire.send('channelOpenFail', peer.number, reason, why)
    if (peer.packet === 0) throw new RangeError('a channel for packets without bytes')
    if (this.#isFull) refuse(short, 'too many channels')
    else if (type !== 'session') this.#connect(wantedBy(type, fields), peer, refuse)
    else if (this.#noMoreSessions) refuse(prohibited, 'no more sessions, as you asked')
    else this.#offers.session(this.#add(peer))
  }

  #connect(to: Wanted | undefined, peer: Peer, refuse: (reason: number, why: string) => void): void {
    if (!to) {
      refuse(unknown, 'no channels of this kind')
      return
    }
    this.#opening++
    this.asked
      .then(() => this.#offers.connect(to))
      .then(
        (socket) => {
          if (this.#isOver) socket.destroy()
          else this.#offers.join(this.#add(peer), socket)
        },
        (error) => refuse(error instanceof DockerBashError ? prohibited : failed, messageOf(error)),
      )
      .finally(() => this.#opening--)
  }

  #add(peer: Peer): Channel {
    const number = this.#count++
    const channel = new Channel(this.#wire, peer)
    this.#channels.set(number, channel)
    this.#wire.send('channelOpenConfirm', peer.number, number, ownWindow, ownPacket)
    return channel
  }

  #confirmed(fields: Fields): void {
    const number = fields.number()
    const asked = this.#asked.get(number)
    if (!asked) throw new RangeError('a channel that nobody asked for')
    this.#asked.delete(number)
    const peer = { number: fields.number(), window: fields.number(), packet: fields.number() }
    if (peer.packet === 0) throw new RangeError('a channel for packets without bytes')
    const channel = new Channel(this.#wire, peer)
    this.#channels.set(number, channel)
    asked.give(channel)
  }

  #refused(fields: Fields): void {
    const number = fields.number()
    this.#asked.get(number)?.refuse(new Error('the client refused it'))
    this.#asked.delete(number)
  }

  #ofChannel(type: number, fields: Fields): void {
    const number = fields.number()
    const channel = this.#channels.get(number)
    if (!channel) throw new RangeError(`there is no channel ${number}`)
    if (type === 93) channel.widen(fields.number())
    else if (type === 94) channel.take(fields.bytes())
    else if (type === 96) channel.ended()
    else if (type === 97) {
      this.#channels.delete(number)
      channel.gone()
    } else if (type === 98) {
      const name = fields.text()
      const isAsked = fields.flag()
      const isGranted = channel.requests(name, fields)
      if (isAsked) channel.answer(isGranted)
    }
    // Extended data, which a client has none of, and answers to what we did not ask, are for nobody.
  }
}

const empty = Promise.resolve(Buffer.alloc(0))

function wantedBy(type: string, fields: Fields): Wanted | undefined {
  if (type === 'direct-tcpip') return { kind: 'tcp', host: fields.text(), port: fields.number() }
  if (type === 'direct-streamlocal@openssh.com') return { kind: 'unix', path: fields.text() }
  return undefined
}
