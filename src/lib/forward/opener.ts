import type { Duplex } from 'node:stream'
import type { InternetAddress, SocketAddress } from '../sockets/addresses'
import type { Dialler } from './names'

/** What listens in a container: a server of Node's own, or one whose connections are carried. */
export interface Listening {
  on(event: 'connection', heard: (client: Duplex) => void): unknown
  /** With its port; of a path it says something else. */
  address(): object | string | null
  close(): unknown
}

export interface Peer {
  readonly address: string
  readonly port: number
}

/** A socket for datagrams, of Node's own or carried. */
export interface Datagrams {
  on(event: 'message', heard: (bytes: Buffer, from: Peer) => void): unknown
  on(event: 'error', heard: (error: Error) => void): unknown
  send(bytes: Buffer, port: number, host: string, sent: () => void): unknown
  address(): { readonly port: number }
  close(): unknown
}

/** Opens sockets in a container's network. Each of it throws a system error, such as EADDRINUSE. */
export interface Opener extends Dialler {
  listen(at: SocketAddress): Promise<Listening>
  sender(to: InternetAddress): Promise<Datagrams>
  receiver(at: InternetAddress): Promise<Datagrams>
}
