import type { Duplex } from 'node:stream'
import { Server } from 'ssh2'
import { gather } from '../coalesce-writes'
import { sweep } from '../force-young-gc'

/**
 * ssh2's server, version 1.17.0, for its key exchange, ciphers and authentication; and what is mended of it. Its own
 * channels (RFC 4254) are left aside, for `connection.ts`: there
 * - the end of one direction closes the channel, so that an answer behind a half-close is lost;
 * - what comes before a channel is accepted is dropped;
 * - commands, variables and names of subsystems are decoded as UTF-8, and other bytes are lost;
 * - the modes of a terminal are read from the wrong place;
 * - nothing heeds how much of what was sent is still waiting to be written, or for the end of a key exchange;
 * - there is no channel to the client's agent.
 * Here, it offers a group exchange that it cannot do, and algorithms that are broken (SHA-1) or slow (ChaCha20 without
 * its addon), so what is offered is named. And it takes every client's guess at the key exchange (RFC 4253, section 7.1)
 * for a wrong one, and waits for ever after a right one: dropbear's. A guess is wrong where the server's first choice is
 * another than the client's, so the first is one that no client has first. It is the client's order that decides.
 */
export const algorithms = {
  kex: [
    'diffie-hellman-group16-sha512',
    ...['curve25519-sha256', 'curve25519-sha256@libssh.org'],
    ...['ecdh-sha2-nistp256', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp521'],
    'diffie-hellman-group14-sha256',
  ],
  serverHostKey: ['ssh-ed25519'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
}

/**
 * OpenSSH's client says that the reader of its output has left (`eow@openssh.com`) only to a server that is called so:
 * of another, it goes on to take what nobody reads. And clients look for two digits in a row (open-remote-ssh): without
 * them it is taken for something unknown.
 */
const ident = 'OpenSSH_compatible_docker-bash_2026'

/** What ssh2 can write of the connection protocol, by its own names. */
export interface Messages {
  channelData(channel: number, bytes: Buffer): void
  channelExtData(channel: number, bytes: Buffer, type: number): void
  channelEOF(channel: number): void
  channelClose(channel: number): void
  channelWindowAdjust(channel: number, more: number): void
  channelOpenConfirm(theirs: number, ours: number, window: number, packet: number): void
  channelOpenFail(theirs: number, reason: number, text: string): void
  channelSuccess(channel: number): void
  channelFailure(channel: number): void
  exitStatus(channel: number, code: number): void
  exitSignal(channel: number, name: string, isDumped: boolean, text: string): void
  requestSuccess(data?: Buffer): void
  requestFailure(): void
  forwardedTcpip(ours: number, window: number, packet: number, from: object): void
  openssh_forwardedStreamLocal(ours: number, window: number, packet: number, from: object): void
  openssh_authAgent(ours: number, window: number, packet: number): void
}

interface Protocol extends Messages {
  _onPayload(payload: Buffer): unknown
  readonly _onPacket: () => void
  /** Set while keys are exchanged: until then what is sent is held in memory. */
  readonly _kexinit: unknown
  /** Gone once nothing can be sent any more. */
  readonly _destruct: unknown
}

/** The way to the client. */
export interface Wire {
  send<K extends keyof Messages>(verb: K, ...words: Parameters<Messages[K]>): void
  /** What is sent now would wait in memory. */
  readonly isFull: boolean
}

/** Whoever speaks the connection protocol on it. */
export interface Speaker {
  /** A message (80 to 100), its number first. @throws for one that breaks the protocol: the connection then ends */
  take(message: Buffer): void
  /** There is room again. */
  room(): void
}

export interface Serving {
  readonly hostKey: string
  /** Whether this user may come in, who has shown no key: the stream itself is private. */
  admit(user: string): Promise<boolean>
  /** A client that is in, before its first message. */
  speak(wire: Wire): Speaker
}

/** Loads ssh2, which takes longer than all else, before there is a client. */
export function loadServer(): void {
  void Server
}

/** Serves one client. What ends it is the end of the stream. */
export function serveSsh(stream: Duplex, { hostKey, admit, speak }: Serving): void {
  const options = { hostKeys: [hostKey], ident, algorithms, keepaliveInterval: 60_000, keepaliveCountMax: 3 }
  const server = new Server(options as ConstructorParameters<typeof Server>[0], (client) => {
    // Said by its end; whatever it was, nobody here can do anything about it.
    client.on('error', () => undefined)
    const protocol = (client as unknown as { _protocol: Protocol })._protocol
    let speaker: Speaker | undefined
    const wire: Wire = {
      send: (verb, ...words) => {
        if (protocol._destruct && stream.writable) (protocol[verb] as (...all: unknown[]) => void)(...words)
      },
      get isFull() {
        return protocol._kexinit !== undefined || stream.writableNeedDrain
      },
    }
    const others = protocol._onPayload
    protocol._onPayload = (payload) => {
      const type = payload[0] ?? 0
      if (type < 80 || type > 100) return others(payload)
      if (!speaker) throw new Error('a message before its time')
      protocol._onPacket()
      speaker.take(payload)
      return undefined
    }
    client.on('authentication', (asked) => {
      const decide = (isIn: boolean) => {
        if (isIn) {
          speaker = speak(wire)
          asked.accept()
        } else asked.reject([])
      }
      if (asked.method === 'none') admit(asked.username).then(decide, () => decide(false))
      else asked.reject(['none' as never])
    })
    client.on('handshake', () => speaker?.room())
    stream.on('drain', () => speaker?.room())
  })
  server.injectSocket(stream as never)
  gather(stream, sweep(stream))
}
