import { randomBytes } from 'node:crypto'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { DockerBashError, messageOf, OfEngine } from '../errors'
import { addressIn, pathOf } from '../forward/names'
import type { Listening } from '../forward/opener'
import { reset } from '../forward/relay'
import { type End, show } from '../forward/spec'
import { CarriedStream } from '../sockets/carried-stream'
import type { Channel } from '../ssh/server/channel'
import type { Arrived, Connection, Wanted } from '../ssh/server/connection'
import type { Fields } from '../ssh/server/fields'
import type { Over } from './audit'
import type { Container } from './container'
import type { Guest } from './guest'
import { toldTo } from './outside'
import { mayConnect, mayListen } from './permits'
import { kindOf } from './sockets'

/** Listening at once, by a client. */
const mostListeners = 64

/** Connections out of a container's network, and into it to the client. */
export class Forwarding {
  readonly #guest: Guest
  readonly #container: Container
  readonly #listeners = new Map<string, { readonly listening: Listening; readonly over: Over }>()
  #isOver = false

  constructor(guest: Guest) {
    this.#guest = guest
    this.#container = guest.container
  }

  async connect(to: Wanted): Promise<Duplex> {
    const over = this.#guest.begin('connect', show(to))
    try {
      if (!mayConnect(this.#guest.permits, to)) throw notPermitted(to)
      const { maker, held } = await this.#container.sockets(kindOf(to))
      const socket = await maker.connect(await addressIn(maker, held, to))
      socket.once('close', () => over('closed'))
      return socket
    } catch (error) {
      over(messageOf(error))
      throw error instanceof OfEngine ? toldTo(this.#guest, error) : error
    }
  }

  /** A request to listen, or to stop. @returns what is answered; undefined when it is refused */
  async ask(name: string, fields: Fields, client: Connection): Promise<Buffer | undefined> {
    switch (name) {
      case 'tcpip-forward':
        return this.#listen(tcp(fields), client)
      case 'streamlocal-forward@openssh.com':
        return this.#listen({ kind: 'unix', path: fields.text() }, client)
      case 'cancel-tcpip-forward':
        return this.#stop(tcp(fields))
      case 'cancel-streamlocal-forward@openssh.com':
        return this.#stop({ kind: 'unix', path: fields.text() })
      default:
        return undefined
    }
  }

  close(): void {
    this.#isOver = true
    for (const { listening, over } of this.#listeners.values()) {
      listening.close()
      over('closed')
    }
    this.#listeners.clear()
  }

  async #listen(asked: Wanted, client: Connection): Promise<Buffer | undefined> {
    const over = this.#guest.begin('listen', show(asked))
    try {
      return await this.#listenAt(asked, client, over)
    } catch (error) {
      over(messageOf(error))
      throw error
    }
  }

  async #listenAt(asked: Wanted, client: Connection, over: Over): Promise<Buffer> {
    if (!mayListen(this.#guest.permits, asked)) throw notPermitted(asked)
    if (this.#listeners.size >= mostListeners) throw new DockerBashError('too many listeners')
    const { maker, held } = await this.#container.sockets(kindOf(asked))
    const server = await maker.listen(await addressIn(maker, held, listened(asked)))
    // The client left meanwhile: its port would stay taken.
    if (this.#isOver) {
      server.close()
      throw new DockerBashError('the client is gone')
    }
    const port = portOf(server)
    const bound: Wanted = asked.kind === 'tcp' ? { ...asked, port } : asked
    this.#listeners.set(keyOf(bound), { listening: server, over })
    handOn(server, client, (socket) => (bound.kind === 'tcp' ? { kind: 'tcp', bound, from: originOf(socket) } : bound))
    if (asked.kind === 'unix' || asked.port !== 0) return Buffer.alloc(0)
    const answer = Buffer.alloc(4)
    answer.writeUInt32BE(port)
    return answer
  }

  async #stop(asked: Wanted): Promise<Buffer | undefined> {
    const known = this.#listeners.get(keyOf(asked))
    if (!known) return undefined
    this.#listeners.delete(keyOf(asked))
    known.listening.close()
    known.over('closed')
    if (asked.kind === 'unix') await (await this.#container.sockets(kindOf(asked))).maker.drop(pathOf(asked.path))
    return Buffer.alloc(0)
  }

  /** A socket in it that leads to the client's agent, for its user alone. @throws where none can be made */
  async agent(client: Connection): Promise<Agent> {
    const over = this.#guest.begin('agent', '')
    const { maker } = await this.#container.sockets('sockets').catch((error: unknown) => {
      over(messageOf(error))
      throw error
    })
    const folder = `/tmp/ssh-${randomBytes(8).toString('hex')}`
    const path = `${folder}/agent`
    await maker.folder(Buffer.from(folder))
    const server = await maker.listen({ family: 'unix', path: Buffer.from(path) }).catch(async (error: unknown) => {
      over(messageOf(error))
      await maker.drop(Buffer.from(folder)).catch(() => undefined)
      throw error
    })
    handOn(server, client, () => ({ kind: 'agent' }))
    const close = async () => {
      over('closed')
      server.close()
      // With the container they are gone.
      for (const made of [path, folder]) await maker.drop(Buffer.from(made)).catch(() => undefined)
    }
    return { path, close }
  }
}

/** The client's agent, as long as a session has it. */
export interface Agent {
  readonly path: string
  close(): Promise<void>
}

/** Each who connects becomes a channel that the client is offered. */
function handOn(server: Listening, client: Connection, arrived: (socket: Duplex) => Arrived): void {
  server.on('connection', (socket) => {
    socket.on('error', () => undefined)
    client.offer(arrived(socket)).then(
      (channel) => join(channel, socket),
      () => reset(socket),
    )
  })
}

/** Joins a channel and a connection until both ways have ended; the end of one way is handed on by itself. */
export function join(channel: Channel, socket: Duplex): void {
  if (socket instanceof Socket) socket.setNoDelay(true)
  let isSent = false
  let isTaken = false
  const over = () => {
    if (isSent && isTaken) channel.close()
  }
  const sent = () => {
    isSent = true
    over()
  }
  const taken = () => {
    isTaken = true
    over()
  }
  channel.output.once('finish', sent)
  socket.once('finish', taken)
  socket.on('error', () => channel.close())
  // With all of it read, the client may not have been sent all of it yet.
  socket.once('close', () => (socket.readableEnded ? taken() : channel.close()))
  void channel.closed.then(() => {
    // All that it sent goes out first: its end comes by the pipe.
    if (channel.input.destroyed && !socket.writableEnded) socket.end()
    if (socket.writableFinished) socket.destroy()
    else socket.once('finish', () => socket.destroy())
  })
  channel.input.pipe(socket)
  socket.pipe(channel.output)
}

function notPermitted(wanted: Wanted): DockerBashError {
  return new DockerBashError(`${show(wanted)} is not permitted by the key`)
}

function tcp(fields: Fields): Wanted & { kind: 'tcp' } {
  return { kind: 'tcp', host: fields.text(), port: fields.number() }
}

/** As sshd takes them: `localhost` is the loopback, and what stands for every address has to be typed. */
function listened(asked: Wanted): End {
  if (asked.kind === 'unix') return asked
  const { host, port } = asked
  return { kind: 'tcp', host: host === '' || host === '*' ? '0.0.0.0' : host, port }
}

function portOf(server: Listening): number {
  const address = server.address()
  return typeof address === 'object' && address !== null && 'port' in address ? Number(address.port) : 0
}

/** Whoever has connected to a port. */
function originOf(socket: Duplex): { host: string; port: number } {
  if (socket instanceof Socket) return { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 }
  const { address = '', port = 0 } = (socket instanceof CarriedStream ? socket.from : undefined) ?? {}
  return { host: address, port }
}

function keyOf(end: Wanted): string {
  return end.kind === 'unix' ? end.path : `${end.host} ${end.port}`
}
