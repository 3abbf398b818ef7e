import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { errno } from '../errors'
import type { End } from './spec'

/** The most that a request can be: five bytes, a name, a port. */
const most = 512

/**
 * Answers one client's request by SOCKS5 (RFC 1928, no authentication, CONNECT alone) or SOCKS4 with names (4a).
 * @param reach opens what was asked for
 * @returns the socket to join the client to
 * @throws what `reach` threw, once the client has been told; an Error for what is not SOCKS
 */
export async function serveSocks(
  client: Socket,
  reach: (to: End) => Promise<Duplex>,
): Promise<{ socket: Duplex; to: End }> {
  const input = new Input(client)
  try {
    const version = await input.byte()
    if (version === 5) return await serve5(client, input, reach)
    if (version === 4) return await serve4(client, input, reach)
    throw new Error('this is not SOCKS')
  } catch (error) {
    client.end()
    throw error
  }
}

async function serve5(client: Socket, input: Input, reach: (to: End) => Promise<Duplex>) {
  const methods = await input.bytes(await input.byte())
  if (!methods.includes(0)) {
    client.write(Buffer.from([5, 0xff]))
    throw new Error('the client wants a kind of authentication')
  }
  client.write(Buffer.from([5, 0]))
  const [version, command, , kind] = await input.bytes(4)
  const answer = (code: number) => client.write(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
  if (version !== 5) throw new Error('this is not SOCKS')
  const host =
    kind === 1
      ? (await input.bytes(4)).join('.')
      : kind === 3
        ? (await input.bytes(await input.byte())).toString('latin1')
        : kind === 4
          ? ((await input.bytes(16)).toString('hex').match(/..../g) ?? []).join(':')
          : undefined
  if (host === undefined) {
    answer(8)
    throw new Error('an address of an unknown kind')
  }
  const port = (await input.bytes(2)).readUInt16BE()
  if (command !== 1) {
    answer(7)
    throw new Error('only CONNECT is known')
  }
  const to: End = { kind: 'tcp', host, port }
  const socket = await reach(to).catch((error: unknown) => {
    answer(errno(error) === 'ECONNREFUSED' ? 5 : errno(error) === 'ENETUNREACH' ? 3 : 4)
    throw error
  })
  input.giveBack()
  answer(0)
  return { socket, to }
}

async function serve4(client: Socket, input: Input, reach: (to: End) => Promise<Duplex>) {
  const command = await input.byte()
  const port = (await input.bytes(2)).readUInt16BE()
  const address = await input.bytes(4)
  await input.text()
  // 0.0.0.x stands for a name behind.
  const isName = address.readUInt32BE() < 256 && address[3] !== 0
  const host = isName ? await input.text() : address.join('.')
  const answer = (code: number) => client.write(Buffer.from([0, code, 0, 0, 0, 0, 0, 0]))
  if (command !== 1) {
    answer(91)
    throw new Error('only CONNECT is known')
  }
  const to: End = { kind: 'tcp', host, port }
  const socket = await reach(to).catch((error: unknown) => {
    answer(91)
    throw error
  })
  input.giveBack()
  answer(90)
  return { socket, to }
}

/** What a client sends, in pieces that are asked for; the rest goes back to it. */
class Input {
  readonly #client: Socket
  #held = Buffer.alloc(0)
  #wake: () => void = () => undefined
  #isOver = false

  constructor(client: Socket) {
    this.#client = client
    client.on('data', this.#take).once('close', this.#end).once('end', this.#end)
    client.resume()
  }

  readonly #take = (chunk: Buffer) => {
    this.#held = Buffer.concat([this.#held, chunk])
    if (this.#held.length > most) this.#client.pause()
    this.#wake()
  }

  readonly #end = () => {
    this.#isOver = true
    this.#wake()
  }

  async byte(): Promise<number> {
    return (await this.bytes(1))[0] ?? 0
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#held.length < count) await this.#more()
    const taken = this.#held.subarray(0, count)
    this.#held = this.#held.subarray(count)
    return taken
  }

  /** Up to a zero byte. */
  async text(): Promise<string> {
    for (let at = this.#held.indexOf(0); ; at = this.#held.indexOf(0)) {
      if (at >= 0) return (await this.bytes(at + 1)).toString('latin1', 0, at)
      if (this.#held.length > most) throw new Error('this is not SOCKS')
      await this.#more()
    }
  }

  /** From here on the client is a stream again, with what came already in front. */
  giveBack(): void {
    this.#client.pause()
    this.#client.off('data', this.#take).off('close', this.#end).off('end', this.#end)
    if (this.#held.length > 0) this.#client.unshift(this.#held)
  }

  async #more(): Promise<void> {
    if (this.#isOver) throw new Error('the client left before it had asked')
    await new Promise<void>((wake) => {
      this.#wake = wake
    })
  }
}
