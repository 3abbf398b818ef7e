import { readSmallFile } from '../engine/archive'
import { holdBeside, sharedProcesses } from '../engine/beside'
import { inspectContainer, waitForEnd } from '../engine/containers'
import type { Engine } from '../engine/engine'
import { frames } from '../engine/frames'
import type { HeldContainer } from '../engine/owned-container'
import { DockerBashError, errno, messageOf } from '../errors'
import type { Target } from '../model'
import type { InternetAddress, SocketAddress } from '../sockets/addresses'
import { Carrier } from '../sockets/carrier'
import { carrierScript } from '../sockets/carrier-script'
import type { Owner } from '../sockets/maker'
import type { PerlImage } from '../toolbox/perl'
import { isReached } from './listening'
import type { Needs } from './needs'
import type { Listening, Opener } from './opener'
import type { End } from './spec'

const most = 1024 * 1024

type Named = Pick<Target, 'id' | 'name'>

/**
 * A container of ours in the network of another one, for who is not root on its host: one program in it has all sockets,
 * and carries what comes and goes over its input and output. Nothing in the container itself is needed or run.
 */
export class Beside implements Opener {
  /** It carries all that a socket does. */
  readonly isWhole = true
  /** Settles when either container has ended. */
  readonly over: Promise<void>
  readonly #engine: Engine
  readonly #target: Named
  readonly #held: HeldContainer
  readonly #carrier: Carrier
  /** What has a path there, for as long as it is not dropped. */
  readonly #made = new Map<string, { close(): void }>()
  readonly #closed = new AbortController()

  /**
   * @param owner as whom all of it is done, by the container's numbers; otherwise as its root
   * @throws DockerBashError when it does not start, or cannot do what is needed
   */
  static async start(
    engine: Engine,
    target: Named,
    { tag, argv }: PerlImage,
    needs: Pick<Needs, 'reverse' | 'files'>,
    owner?: Owner,
  ): Promise<Beside> {
    const { name, id } = target
    const info = await inspectContainer(engine, id)
    const whose = needs.files ? sharedProcesses(info.HostConfig) : undefined
    // The first process of its PID namespace is another one's.
    if (whose) throw noFiles(name, `its PID namespace is that of ${whose}`)
    const held = await holdBeside(engine, name, info, {
      use: 'forward',
      image: tag,
      entrypoint: [...argv, '-e', carrierScript, process.arch, needs.files ? '1' : '', ...userWords(owner)],
      processes: needs.files,
      capabilities: capabilitiesFor(needs, owner),
    })
    const beside = new Beside(engine, target, held)
    try {
      await beside.#carrier.ready
      return beside
    } catch (cause) {
      await beside.close()
      throw needs.files && errno(cause) !== 'ECONNRESET' ? noFiles(name, messageOf(cause)) : notReady(name, cause)
    }
  }

  private constructor(engine: Engine, target: Named, held: HeldContainer) {
    this.#engine = engine
    this.#target = target
    this.#held = held
    const carrier = new Carrier(held.stream)
    this.#carrier = carrier
    const split = frames((source, bytes) => void (source === 'stdout' && carrier.take(bytes)))
    held.stream.on('data', (chunk: Buffer) => {
      try {
        split(chunk)
      } catch {
        held.stream.destroy()
      }
    })
    const gone = new Promise<void>((settle) => held.stream.once('end', settle).once('close', settle))
    void gone.then(() => carrier.lost())
    this.over = Promise.race([gone, waitForEnd(engine, target.id, this.#closed.signal).catch(() => undefined)])
  }

  get name(): string {
    return this.#target.name
  }

  read(path: string): Promise<Buffer | undefined> {
    return readSmallFile(this.#engine, this.#target.id, path, most)
  }

  async isListened(end: End): Promise<boolean | undefined> {
    if (end.kind === 'unix') return undefined
    const found = await this.#carrier.listeners(end.port)
    return found && isReached(end.host, found)
  }

  connect(to: SocketAddress) {
    return this.#carrier.connect(to)
  }

  async listen(at: SocketAddress): Promise<Listening> {
    const listener = await this.#carrier.listen(at)
    if (at.family === 'unix') this.#made.set(at.path.toString('latin1'), listener)
    return listener
  }

  /** For its user alone; it goes when it is dropped or all is closed, if it is empty. @throws a system error, such as EEXIST */
  async folder(path: Buffer): Promise<void> {
    this.#made.set(path.toString('latin1'), await this.#carrier.folder(path))
  }

  /** Settles once there is no such folder or listener any more. */
  async drop(path: Buffer): Promise<void> {
    const name = path.toString('latin1')
    this.#made.get(name)?.close()
    this.#made.delete(name)
    // Whatever is asked there is answered in order.
    await this.#carrier.listeners(0)
  }

  sender(to: InternetAddress) {
    return this.#carrier.sender(to)
  }

  receiver(at: InternetAddress) {
    return this.#carrier.receiver(at)
  }

  /** Settles once the container is gone, and with it the files of its listeners. */
  close(): Promise<void> {
    this.#closed.abort()
    return this.#held.release()
  }
}

function userWords(owner: Owner | undefined): string[] {
  if (!owner) return []
  const { uid, gid, groups = [] } = owner
  return [String(uid), String(gid), [...new Set([gid, ...groups])].join(',')]
}

/** As few as it takes for what is needed. */
function capabilitiesFor({ reverse, files }: Pick<Needs, 'reverse' | 'files'>, owner?: Owner): string[] {
  return [
    ...(reverse ? ['NET_BIND_SERVICE'] : []),
    ...(files ? ['SYS_PTRACE', 'SYS_CHROOT'] : []),
    ...(files && !owner?.uid ? ['DAC_OVERRIDE'] : []),
    ...(owner ? ['SETUID', 'SETGID'] : []),
  ]
}

function noFiles(name: string, because: string): DockerBashError {
  return new DockerBashError(`the files of ${name} cannot be entered: ${because}`, {
    hint: `as root on the engine’s host: sudo docker-bash forward ${name} …; a port or an abstract socket (@NAME) works without`,
  })
}

function notReady(name: string, cause: unknown): DockerBashError {
  return new DockerBashError(`the container beside ${name} ended before it was ready`, {
    hint: 'docker events --since 1m shows what its engine made of it',
    cause,
  })
}
