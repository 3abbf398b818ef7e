import { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import { bytesOf, type Peer, peerIn, peerSize } from './addresses'
import type { CarriedStream, Send } from './carried-stream'
import { verbs } from './carrier-frames'

/** What listens in a container, by a carrier: emits `connection` with each one. Of a folder it says nothing. */
export class CarriedListener extends EventEmitter<{ connection: [CarriedStream] }> {
  readonly #port: number
  readonly #send: Send

  /** @param port 0 for a path */
  constructor(port: number, send: Send) {
    super()
    this.#port = port
    this.#send = send
  }

  address(): { port: number } | null {
    return this.#port === 0 ? null : { port: this.#port }
  }

  close(): void {
    this.#send(verbs.close)
  }
}

/** Datagrams of a container's network, by a carrier: emits `message` with each one. */
export class CarriedDatagrams extends EventEmitter<{ message: [Buffer, Peer]; error: [Error] }> {
  readonly #port: number
  readonly #send: Send

  constructor(port: number, send: Send) {
    super()
    this.#port = port
    this.#send = send
  }

  address(): { port: number } {
    return { port: this.#port }
  }

  come(bytes: Buffer): void {
    if (bytes.length >= peerSize) this.emit('message', bytes.subarray(peerSize), peerIn(bytes))
  }

  /** What cannot be sent is lost. */
  send(bytes: Uint8Array, port: number, host: string, sent: () => void): void {
    const [address = '', scope = '0'] = host.split('%')
    const head = Buffer.alloc(peerSize)
    head[0] = isIP(address)
    head.writeUInt16BE(port, 1)
    head.writeUInt32BE(Number(scope), 3)
    bytesOf(address, isIP(address) === 6 ? 'ipv6' : 'ipv4').copy(head, 7)
    this.#send(verbs.datagram, Buffer.concat([head, bytes]))
    sent()
  }

  close(): void {
    this.#send(verbs.close)
  }
}
