import { randomBytes } from 'node:crypto'
import { Duplex } from 'node:stream'
import { readSmallFile } from '../../lib/engine/archive'
import { waitForEnd } from '../../lib/engine/containers'
import type { Engine } from '../../lib/engine/engine'
import { createExec, startExec } from '../../lib/engine/exec'
import { frames } from '../../lib/engine/frames'
import { type HeldContainer, holdContainer } from '../../lib/engine/owned-container'
import { DockerBashError } from '../../lib/errors'
import type { Needs } from '../../lib/forward/needs'
import type { Target } from '../../lib/model'
import type { InternetAddress, SocketAddress } from '../../lib/sockets/addresses'
import { textOf } from '../../lib/sockets/addresses'
import { ownBusybox, toolboxImage } from '../../lib/toolbox/image'

const most = 1024 * 1024

/**
 * Where there is no perl to bring along: a container of ours in the network of another one, in which each connection is a
 * busybox nc, by the engine's exec. It carries ports of the container and no more, and knows nothing of who listens.
 */
export class BesideByNc {
  readonly isWhole = false
  /** Settles when the container has ended. */
  readonly over: Promise<void>
  readonly #engine: Engine
  readonly #target: Target
  readonly #held: HeldContainer
  readonly #closed = new AbortController()

  static async start(engine: Engine, target: Target): Promise<BesideByNc> {
    const image = await toolboxImage(engine)
    const held = await holdContainer(engine, `${target.name}-forward-${randomBytes(3).toString('hex')}`, {
      Image: image.tag,
      Entrypoint: [ownBusybox, 'sh', '-c', 'read -r line'],
      Labels: { 'docker-bash.debug': target.id },
      HostConfig: {
        NetworkMode: `container:${target.id}`,
        AutoRemove: true,
        CapDrop: ['ALL'],
        ReadonlyRootfs: true,
        SecurityOpt: ['no-new-privileges'],
      },
    })
    return new BesideByNc(engine, target, held)
  }

  private constructor(engine: Engine, target: Target, held: HeldContainer) {
    this.#engine = engine
    this.#target = target
    this.#held = held
    const gone = new Promise<void>((settle) => held.stream.once('close', () => settle()))
    this.over = Promise.race([gone, waitForEnd(engine, target.id, this.#closed.signal).catch(() => undefined)])
  }

  get name(): string {
    return this.#target.name
  }

  read(path: string): Promise<Buffer | undefined> {
    return readSmallFile(this.#engine, this.#target.id, path, most)
  }

  isListened(): undefined {
    return undefined
  }

  listen(): never {
    throw new TypeError('it cannot, which was seen to')
  }

  sender(): never {
    return this.listen()
  }

  receiver(): never {
    return this.listen()
  }

  async connect(to: SocketAddress): Promise<Duplex> {
    if (to.family === 'unix') throw new TypeError('a Unix socket, which was seen to')
    const command = [ownBusybox, 'nc', ...wordsOf(to)]
    const id = await createExec(this.#engine, this.#held.id, { command, user: '0', stdin: true })
    return unframed(await startExec(this.#engine, id, false))
  }

  close(): Promise<void> {
    this.#closed.abort()
    return this.#held.release()
  }
}

function wordsOf({ family, address, port }: InternetAddress): string[] {
  return [textOf(address, family), String(port)]
}

/** What nc reads and prints; what it says on stderr is why it failed. */
function unframed(connection: Duplex): Duplex {
  const stream = new Duplex({
    allowHalfOpen: true,
    read: () => void connection.resume(),
    write: (chunk, encoding, done) => void connection.write(chunk, encoding, done),
    final: (done) => void connection.end(done),
    destroy: (error, done) => {
      connection.destroy()
      done(error)
    },
  })
  const split = frames((source, bytes) => {
    if (source === 'stdout') return void (stream.push(bytes) || connection.pause())
    const text = bytes.toString('latin1')
    const code = /refused/i.test(text) ? 'ECONNREFUSED' : /unreachable/i.test(text) ? 'ENETUNREACH' : 'ECONNABORTED'
    stream.destroy(Object.assign(new Error(`connect ${code}`), { code }))
  })
  connection.on('data', (chunk: Buffer) => {
    try {
      split(chunk)
    } catch (error) {
      stream.destroy(error as Error)
    }
  })
  connection.once('end', () => {
    stream.push(null)
    // nc has ended: nobody reads what is sent from now on.
    stream.end()
  })
  connection.on('error', (error) => stream.destroy(error))
  connection.once('close', () => stream.destroy())
  return stream
}

/** @throws DockerBashError for what it does not carry */
export function requireCarried({ reverse, udp, unix }: Needs, name: string, because: string): void {
  const which = reverse ? 'listening in it (-R)' : udp ? 'UDP' : unix ? 'a Unix socket of it' : undefined
  if (!which) return
  throw new DockerBashError(
    `${which} takes a perl to bring along, and there is none on this host; by its namespaces: ${because}`,
    { hint: `sudo apt-get install perl-base, or as root on the engine’s host: sudo docker-bash forward ${name} …` },
  )
}
