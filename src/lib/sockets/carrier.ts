import type { Writable } from 'node:stream'
import { addressWords, type InternetAddress, type Peer, peerIn, peerSize, type SocketAddress } from './addresses'
import { CarriedDatagrams, CarriedListener } from './carried-listeners'
import { CarriedStream, type Send } from './carried-stream'
import { frame, framesIn, type Verb, verbs } from './carrier-frames'
import { systemError } from './system-error'

type Call = 'connect' | 'listen' | 'folder' | 'send' | 'receive'
type Carried = CarriedStream | CarriedListener | CarriedDatagrams

interface Asked {
  opened(port: number): void
  refused(errno: number): void
}

/** Numbers from here on are given there, to connections that are accepted. */
const firstAccepted = 2 ** 31
/** ECONNRESET */
const wasReset = 104
/** In bytes: with so much on its way a datagram more is lost, as it may be. */
const mostUnderWay = 1024 * 1024
/** Addresses that listen at one port are not more. */
const mostAnswers = 1024

/** Sockets of a container's network, for who cannot enter it: a program in a container beside it has them (carrier.pl). */
export class Carrier {
  /** Settles once sockets can be opened; fails with the system error why not. */
  readonly ready: Promise<void>
  readonly #out: Writable
  readonly #take: (chunk: Buffer) => void
  readonly #asked = new Map<number, Asked>()
  readonly #open = new Map<number, Carried>()
  readonly #looks = new Map<number, (addresses: readonly string[]) => void>()
  #count = 1
  #isLost = false
  #forRoom: (() => void)[] = []

  /** @param out leads to the program; what it says has to be handed to `take` */
  constructor(out: Writable) {
    this.#out = out
    out.on('drain', () => {
      for (const more of this.#forRoom.splice(0)) more()
    })
    this.#take = framesIn((number, verb, bytes) => this.#hear(number, verb, bytes))
    this.ready = this.#answer(0).then(() => undefined)
    this.ready.catch(() => undefined)
  }

  /** What the program says. @throws when it is none of its frames */
  take(chunk: Buffer): void {
    this.#take(chunk)
  }

  /** The program has ended, and with it all that it had. */
  lost(): void {
    this.#isLost = true
    const error = systemError('read', wasReset)
    for (const { refused } of this.#asked.values()) refused(wasReset)
    for (const answer of this.#looks.values()) answer([])
    for (const one of this.#open.values()) if (one instanceof CarriedStream) one.gone(error)
    for (const all of [this.#asked, this.#looks, this.#open]) all.clear()
  }

  /** @throws a system error, such as ECONNREFUSED */
  async connect(to: SocketAddress): Promise<CarriedStream> {
    return this.#opened('connect', to, (_, send, left) => new CarriedStream(send, left))
  }

  /** @throws a system error, such as EADDRINUSE */
  async listen(at: SocketAddress): Promise<CarriedListener> {
    return this.#opened('listen', at, (port, send) => new CarriedListener(port, send))
  }

  /** A folder for the program's user alone; it goes when it is closed, if it is empty. @throws a system error, such as EEXIST */
  async folder(path: Buffer): Promise<CarriedListener> {
    return this.#opened('folder', { family: 'unix', path }, (port, send) => new CarriedListener(port, send))
  }

  /** Datagrams, of the family of where they go to. @throws a system error */
  async sender(to: InternetAddress): Promise<CarriedDatagrams> {
    return this.#opened('send', to, (port, send) => new CarriedDatagrams(port, send))
  }

  /** Datagrams that come to an address. @throws a system error, such as EADDRINUSE */
  async receiver(at: InternetAddress): Promise<CarriedDatagrams> {
    return this.#opened('receive', at, (port, send) => new CarriedDatagrams(port, send))
  }

  /** At which addresses somebody listens at a port, as /proc/net/tcp and tcp6 have them; undefined when all is over. */
  async listeners(port: number): Promise<readonly string[] | undefined> {
    if (this.#isLost) return undefined
    const number = this.#count++
    const found = await new Promise<readonly string[]>((settle) => {
      this.#looks.set(number, settle)
      this.#write(number, verbs.listeners, Buffer.from(String(port)))
    })
    return this.#isLost ? undefined : found
  }

  async #opened<T extends Carried>(
    call: Call,
    where: SocketAddress,
    make: (port: number, send: Send, left: () => void) => T,
  ): Promise<T> {
    const number = this.#count++
    if (this.#isLost) throw systemError(call, wasReset)
    this.#write(number, verbs.ask, Buffer.from(`${call} ${addressWords(where)}`))
    // What comes behind the answer is for it already.
    return this.#answer(number, call, (port) => this.#join(number, (send, left) => make(port, send, left)))
  }

  #answer<T = void>(number: number, call = 'open', made?: (port: number) => T): Promise<T> {
    return new Promise((settle, reject) => {
      const refused = (errno: number) => reject(systemError(call, errno))
      this.#asked.set(number, { opened: (port) => settle(made?.(port) as T), refused })
    })
  }

  #join<T extends Carried>(number: number, make: (send: Send, left: () => void) => T): T {
    const left = () => void this.#open.delete(number)
    const one = make((verb, bytes, sent) => this.#say(number, verb, bytes, sent), left)
    this.#open.set(number, one)
    return one
  }

  #say(number: number, verb: Verb, bytes?: Buffer, sent?: () => void): void {
    if (verb === verbs.close) this.#open.delete(number)
    if (verb === verbs.datagram && this.#out.writableLength > mostUnderWay) return
    const hasRoom = this.#write(number, verb, bytes)
    if (!sent) return
    if (hasRoom) sent()
    else this.#forRoom.push(sent)
  }

  #hear(number: number, verb: string, bytes: Buffer): void {
    const one = this.#open.get(number)
    const asked = this.#asked.get(number)
    const value = bytes.length >= 4 ? bytes.readUInt32BE(0) : 0
    if (verb === verbs.listeners) {
      this.#looks.get(number)?.(bytes.toString('latin1').split(' ', mostAnswers))
      this.#looks.delete(number)
    } else if (verb === verbs.opened || verb === verbs.failed) {
      this.#asked.delete(number)
      if (verb === verbs.failed) asked?.refused(value)
      else asked?.opened(bytes.length >= 2 ? bytes.readUInt16BE(0) : 0)
    } else if (verb === verbs.accepted) {
      this.#accepted(number, value, bytes.length < 4 + peerSize ? undefined : peerIn(bytes.subarray(4)))
    } else if (one instanceof CarriedDatagrams) {
      if (verb === verbs.datagram) one.come(bytes)
    } else if (one instanceof CarriedStream) {
      if (verb === verbs.data && !one.come(bytes)) throw new Error('garbled: more than the window')
      if (verb === verbs.window) one.granted(value)
      if (verb === verbs.end) one.comeEnd()
      if (verb === verbs.reset) one.gone(systemError('read', value))
    }
  }

  #accepted(number: number, listener: number, from: Peer | undefined): void {
    const at = this.#open.get(listener)
    // It may have been closed meanwhile.
    if (!(at instanceof CarriedListener)) return void this.#write(number, verbs.close)
    if (number < firstAccepted || this.#open.has(number)) throw new Error('garbled: a number that is taken')
    const one = this.#join(number, (send, left) => new CarriedStream(send, left, from))
    // Who has just asked for the listener does not hear it yet.
    setImmediate(() => at.emit('connection', one))
  }

  #write(number: number, verb: Verb, bytes?: Buffer): boolean {
    return !this.#isLost && this.#out.writable ? this.#out.write(frame(number, verb, bytes)) : true
  }
}
