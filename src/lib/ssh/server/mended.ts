import type { Duplex } from 'node:stream'
import { Server } from 'ssh2'
import { sweep } from '../../host/force-young-gc'
import { gather } from '../coalesce-writes'
import { string } from '../openssh-format'
import { allow, type Door, shownBy } from './authentication'
import { signatureAlgorithms } from './public-key'

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
 *
 * And of authentication:
 * - `server-sig-algs` lacks a comma, so that clients with RSA keys do not see rsa-sha2-512, and names what is broken (SHA-1);
 * - it has no words of its own for a banner at any time, and none for why it disconnects;
 * - nothing keeps a client that does not read from asking: its answers would wait in memory;
 * - keys may be exchanged again and again before anybody has logged in.
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
  readonly _packetRW: { readonly write: PacketWriter }
  /** At the end of each key exchange. */
  _onHandshakeComplete: (...all: unknown[]) => void
}

interface PacketWriter {
  /** Where in a packet its payload begins. */
  readonly allocStart: number
  alloc(size: number): Buffer
  finalize(packet: Buffer, isOfKeyExchange?: boolean): Buffer
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
  readonly door: Door
  /** A client that is in, before its first message. */
  speak(wire: Wire): Speaker
}

/** In bytes: with so much waiting to be written, nothing more is read that would be answered. */
const mostWaiting = 1024 * 1024
/** Messages that come while keys are exchanged, which a client should not send (RFC 4253, section 7.1). */
const mostDuringExchange = 1000

/** Loads ssh2, which takes longer than all else, before there is a client. */
export function loadServer(): void {
  void Server
}

/** Serves one client. What ends it is the end of the stream. */
export function serveSsh(stream: Duplex & { lend?(): void }, { hostKey, door, speak }: Serving): void {
  const options = { hostKeys: [hostKey], ident, algorithms, keepaliveInterval: 60_000, keepaliveCountMax: 3 }
  const server = new Server(options as ConstructorParameters<typeof Server>[0], (client) => {
    // Said by its end; whatever it was, nobody here can do anything about it.
    client.on('error', () => undefined)
    const protocol = (client as unknown as { _protocol: Protocol })._protocol
    const isThere = () => Boolean(protocol._destruct) && stream.writable
    let speaker: Speaker | undefined
    const wire: Wire = {
      send: (verb, ...words) => {
        if (isThere()) (protocol[verb] as (...all: unknown[]) => void)(...words)
      },
      get isFull() {
        return protocol._kexinit !== undefined || stream.writableNeedDrain
      },
    }
    let early = 0
    const others = protocol._onPayload
    protocol._onPayload = (payload) => {
      const type = payload[0] ?? 0
      if (type < 80 || type > 100) return others(payload)
      if (!speaker) throw new Error('a message before its time')
      if (protocol._kexinit !== undefined && ++early > mostDuringExchange) throw new RangeError('keys come first')
      protocol._onPacket()
      speaker.take(payload)
      return undefined
    }
    client.on('authentication', async (asked) => {
      const answer = await door.judge(shownBy(asked))
      // It may have left meanwhile.
      if (!isThere()) return
      if (answer === 'no') asked.reject([...door.methods] as never)
      else if (answer === 'yes') {
        if (asked.method !== 'publickey' || asked.signature) speaker = speak(wire)
        allow(asked)
      } else {
        if (answer.banner) put(protocol, 53, string(`${answer.banner}\r\n`), string(''))
        put(protocol, 1, byApplication, string(answer.bye), string(''))
        stream.end()
      }
    })
    offerSignatures(protocol)
    let exchanges = 0
    client.on('handshake', () => {
      // Each takes milliseconds of ours and none of the client's, and nobody needs new keys before a login.
      if (++exchanges > 1 && !speaker) stream.destroy()
      early = 0
      // What is decrypted is a copy; of what came before it keeps parts.
      stream.lend?.()
      speaker?.room()
    })
    stream.on('drain', () => {
      stream.resume()
      speaker?.room()
    })
  })
  server.injectSocket(stream as never)
  gather(stream, sweep(stream))
  stream.on('data', () => {
    if (stream.writableLength > mostWaiting) stream.pause()
  })
}

/** SSH_DISCONNECT_BY_APPLICATION */
const byApplication = Buffer.from([0, 0, 0, 11])

/** Sends a message that ssh2 has no words for, in the place of one that it has. */
function put(protocol: Protocol, type: number, ...fields: readonly Buffer[]): void {
  const { write } = protocol._packetRW
  const finalize = write.finalize
  write.finalize = (packet, ...more) => {
    packet[write.allocStart] = type
    return finalize.call(write, packet, ...more)
  }
  try {
    protocol.requestSuccess(Buffer.concat(fields))
  } finally {
    write.finalize = finalize
  }
}

/** EXT_INFO (RFC 8308) as it should be, in the place of ssh2's: it goes out at the end of the first key exchange. */
function offerSignatures(protocol: Protocol): void {
  const fields = [Buffer.from([7, 0, 0, 0, 1]), string('server-sig-algs'), string(signatureAlgorithms.join(','))]
  const message = Buffer.concat(fields)
  const complete = protocol._onHandshakeComplete
  protocol._onHandshakeComplete = (...all) => {
    protocol._onHandshakeComplete = complete
    const { write } = protocol._packetRW
    const finalize = write.finalize
    write.finalize = (packet, ...more) => {
      if (packet[write.allocStart] !== 7) return finalize.call(write, packet, ...more)
      const mended = write.alloc(message.length)
      mended.set(message, write.allocStart)
      return finalize.call(write, mended, ...more)
    }
    try {
      complete(...all)
    } finally {
      write.finalize = finalize
    }
  }
}
