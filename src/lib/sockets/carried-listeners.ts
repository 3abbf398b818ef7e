import { EventEmitter } from 'node:events'
import { isIP } from 'node:net'
import { bytesOf, type Peer, peerIn, peerSize } from './addresses'
import type { CarriedStream, Send } from './carried-stream'
import { verbs } from './carrier-frames'

/** A socket in a container to which somebody comes, by a carrier. */
class Carried<Events extends Record<keyof Events, unknown[]>> extends EventEmitter<Events> {
  protected readonly port: number
  protected readonly tell: Send

  /** @param port 0 for a path */
  constructor(port: number, tell: Send) {
    super()
    this.port = port
    this.tell = tell
  }

  close(): void {
    this.tell(verbs.close)
  }
}

/** What listens in a container: emits `connection` with each one. Of a folder it says nothing. */
export class CarriedListener extends Carried<{ connection: [CarriedStream] }> {
  address(): { port: number } | null {
    return this.port === 0 ? null : { port: this.port }
  }
}

/** Datagrams of a container's network: emits `message` with each one. */
export class CarriedDatagrams extends Carried<{ message: [Buffer, Peer]; error: [Error] }> {
  address(): { port: number } {
    return { port: this.port }
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
    this.tell(verbs.datagram, Buffer.concat([head, bytes]))
    sent()
  }
}
