import { Readable } from 'node:stream'
import type { Fields } from './fields'
import type { Wire } from './mended'
import { closedChannel, Outlet } from './outlet'

/** In bytes: what a client may send before it is read, by channel. */
export const ownWindow = 1024 * 1024
/** In bytes: the most of it in one message. */
export const ownPacket = 224 * 1024
/** SSH_EXTENDED_DATA_STDERR */
const isStderr = 1

/** What somebody asks of a channel. @returns whether it is granted */
export type Requests = (type: string, fields: Fields) => boolean

/** Both ends of a channel as the other side numbers it, and what it may be sent. */
export interface Peer {
  readonly number: number
  readonly window: number
  readonly packet: number
}

/**
 * A channel (RFC 4254, section 5). Its two directions end by themselves: `input` at the client's EOF, `output` by `end()`.
 * What comes before anybody reads it is kept.
 */
export class Channel {
  readonly input: Readable
  readonly output: Outlet
  /** Its stderr, where it is a session's. */
  readonly errors: Outlet
  /** Settles when the client has closed it, or is gone. */
  readonly closed: Promise<void>
  requests: Requests = () => false
  readonly #wire: Wire
  readonly #peer: Peer
  #mayTake = ownWindow
  #maySend: number
  #isEof = false
  #isClosing = false
  #isFlushing = false
  #over: () => void = () => undefined

  constructor(wire: Wire, peer: Peer) {
    this.#wire = wire
    this.#peer = peer
    this.#maySend = peer.window
    this.input = new Readable({ highWaterMark: 64 * 1024, read: () => this.#grant() })
    this.input.on('error', () => undefined)
    const flush = () => this.flush()
    this.output = new Outlet(flush, () => this.eof())
    this.errors = new Outlet(flush, () => undefined)
    this.closed = new Promise((settle) => {
      this.#over = settle
    })
  }

  /** What was written and waits, as far as it may go now. */
  flush(): void {
    if (this.#isFlushing || this.#isClosing) return
    this.#isFlushing = true
    try {
      for (const outlet of [this.output, this.errors]) {
        while (outlet.isWaiting && this.#maySend > 0 && !this.#wire.isFull) {
          const bytes = outlet.next(Math.min(this.#maySend, this.#peer.packet, ownPacket))
          this.#maySend -= bytes.length
          if (bytes.length > 0) this.#put(outlet, bytes)
          outlet.settle()
        }
      }
    } finally {
      this.#isFlushing = false
    }
  }

  #put(outlet: Outlet, bytes: Buffer): void {
    if (outlet === this.output) this.#wire.send('channelData', this.#peer.number, bytes)
    else this.#wire.send('channelExtData', this.#peer.number, bytes, isStderr)
  }

  /** @throws RangeError for more than was granted */
  take(bytes: Buffer): void {
    this.#mayTake -= bytes.length
    if (this.#mayTake < 0) throw new RangeError('more was sent than the window allows')
    if (this.#isEof) throw new RangeError('more was sent behind the end')
    if (this.input.destroyed) this.#grant()
    else if (this.input.push(bytes)) this.#grant()
  }

  /** Whoever reads may be sent more. What nobody reads any more is for nobody. */
  #grant(): void {
    const wanted = ownWindow - this.#mayTake - (this.input.destroyed ? 0 : this.input.readableLength)
    if (wanted < ownWindow / 2 || this.#isClosing || this.#isEof) return
    this.#mayTake += wanted
    this.#wire.send('channelWindowAdjust', this.#peer.number, wanted)
  }

  /** @throws RangeError beyond what the protocol can count */
  widen(more: number): void {
    this.#maySend += more
    if (this.#maySend > 0xffffffff) throw new RangeError('a window is too large')
    this.flush()
  }

  ended(): void {
    this.#isEof = true
    if (!this.input.destroyed) this.input.push(null)
  }

  answer(isGranted: boolean): void {
    if (this.#isClosing) return
    this.#wire.send(isGranted ? 'channelSuccess' : 'channelFailure', this.#peer.number)
  }

  #hasEnded = false
  eof(): void {
    if (this.#hasEnded || this.#isClosing) return
    this.#hasEnded = true
    this.#wire.send('channelEOF', this.#peer.number)
  }

  exitStatus(code: number): void {
    if (!this.#isClosing) this.#wire.send('exitStatus', this.#peer.number, code)
  }

  /** @param name without SIG; one that RFC 4254 knows */
  exitSignal(name: string): void {
    if (!this.#isClosing) this.#wire.send('exitSignal', this.#peer.number, name, false, '')
  }

  /** Says that it is over on our side. What was written and has not gone is lost. */
  close(): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#wire.send('channelClose', this.#peer.number)
    this.input.destroy()
    for (const outlet of [this.output, this.errors]) if (!outlet.writableFinished) outlet.destroy(closedChannel())
  }

  /** The client has closed it, or is gone. */
  gone(): void {
    if (!this.#isEof) this.ended()
    if (!this.#isClosing) {
      this.#isClosing = true
      this.#wire.send('channelClose', this.#peer.number)
    }
    for (const outlet of [this.output, this.errors]) if (!outlet.writableFinished) outlet.destroy(closedChannel())
    this.#over()
  }
}
