import type { Duplex } from 'node:stream'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import type { Beside } from '../../lib/forward/beside'
import type { Look } from '../../lib/forward/gate'
import { isListened } from '../../lib/forward/listening'
import type { Needs } from '../../lib/forward/needs'
import type { Datagrams, Listening, Opener } from '../../lib/forward/opener'
import type { End } from '../../lib/forward/spec'
import { ContainerRoot } from '../../lib/host/container-rootfs'
import { readStat } from '../../lib/host/proc'
import type { Target } from '../../lib/model'
import type { InternetAddress, SocketAddress } from '../../lib/sockets/addresses'
import { type Held, SocketMaker } from '../../lib/sockets/maker'
import { here } from '../../lib/target/compose'
import { find } from '../../lib/target/find'
import { parseTarget } from '../../lib/target/parse'
import { withRuntime } from '../../lib/target/runtime'
import { requireRunning } from '../../lib/target/state'
import type { Found } from '../../lib/target/types'
import { engineOf } from '../engine'
import { findTarget } from '../find-target'
import type { BesideByNc } from './beside-nc'

const mostOfFile = 1024 * 1024

/** By sockets that are made in its namespaces, for root on its host; or from a container beside it. */
type Way =
  | { readonly held: Held; readonly maker: SocketMaker }
  | { readonly beside: Beside | BesideByNc; readonly because: string }

/** The network of the container that a word means: of another one, once the first has ended. */
export class Inside {
  readonly #word: string
  readonly #flags: EndpointChoice
  readonly #needs: Needs
  #way: Way

  static async reach(word: string, flags: EndpointChoice, needs: Needs): Promise<Inside> {
    return new Inside(word, flags, needs, await wayTo(await findTarget(parseTarget(word), flags, { word }), needs))
  }

  private constructor(word: string, flags: EndpointChoice, needs: Needs, way: Way) {
    this.#word = word
    this.#flags = flags
    this.#needs = needs
    this.#way = way
  }

  get name(): string {
    return 'held' in this.#way ? this.#way.held.name : this.#way.beside.name
  }

  /** How it is reached, and what that costs. */
  get how(): string {
    if ('held' in this.#way) return `${this.name}: sockets of its own network, handed out; no byte passes a helper`
    const begin = `${this.name}: a container beside it, since ${this.#way.because}`
    if (this.#way.beside.isWhole) return `${begin}; all bytes pass a program in it and the engine, slower`
    return `${begin}, with nc, since there is no perl on this host; each connection is an exec of the engine’s, slower, and ends when the container’s side has sent its end`
  }

  /** Settles when the container has ended. */
  get over(): Promise<void> {
    return 'held' in this.#way ? this.#way.maker.over : this.#way.beside.over
  }

  async read(path: string): Promise<Buffer | undefined> {
    if ('beside' in this.#way) return this.#way.beside.read(path)
    return new ContainerRoot(this.#way.held.pid).read(path, mostOfFile)
  }

  /** Whether somebody listens at an address of it, as far as that can be seen without asking there. */
  isListened(end: End): ReturnType<Look> {
    return 'held' in this.#way ? isListened(this.#way.held.pid, end) : this.#way.beside.isListened(end)
  }

  connect(to: SocketAddress): Promise<Duplex> {
    return this.#opener.connect(to)
  }

  listen(at: SocketAddress): Promise<Listening> {
    return this.#opener.listen(at)
  }

  sender(to: InternetAddress): Promise<Datagrams> {
    return this.#opener.sender(to)
  }

  receiver(at: InternetAddress): Promise<Datagrams> {
    return this.#opener.receiver(at)
  }

  /** Once more, by the word. @throws DockerBashError as long as it does not run */
  async again(): Promise<void> {
    const found = await find(engineOf(this.#flags), parseTarget(this.#word), here())
    // One that has just been started may not be there to be entered yet: no reason to go another way from now on.
    const way = 'held' in this.#way ? await entered(found, this.#needs) : await wayTo(found, this.#needs)
    await this.close()
    this.#way = way
  }

  close(): Promise<void> {
    return 'held' in this.#way ? this.#way.maker.close() : this.#way.beside.close()
  }

  get #opener(): Opener {
    return 'held' in this.#way ? this.#way.maker : this.#way.beside
  }
}

/** @throws DockerBashError as long as its namespaces cannot be entered */
async function entered(found: Found, needs: Needs): Promise<Way> {
  const held = heldOf(found.target)
  if (typeof held === 'string')
    throw new DockerBashError(`the network of ${found.target.name} cannot be entered: ${held}`)
  return { held, maker: await SocketMaker.start(held, needs.files) }
}

async function wayTo(found: Found, needs: Needs): Promise<Way> {
  const { engine, target } = found
  const held = heldOf(target)
  if (typeof held !== 'string') return entered(found, needs)
  const { perlImage } = await import('../../lib/toolbox/perl')
  const image = await perlImage(engine)
  if (image) {
    const { Beside } = await import('../../lib/forward/beside')
    return { beside: await Beside.start(engine, target, image, needs), because: held }
  }
  const { BesideByNc, requireCarried } = await import('./beside-nc')
  requireCarried(needs, target.name, held)
  return { beside: await BesideByNc.start(engine, target), because: held }
}

/** The namespaces, if they are ours to enter; else why not, as a clause. */
export function heldOf(found: Target): Held | string {
  requireRunning(found)
  const { name, pid, onHost, local, foreign } = withRuntime(found)
  const start = readStat(pid)?.start
  if (onHost.looked && onHost.found.certain && start !== undefined) return { name, pid, start }
  return local ? 'that takes root on this host' : (foreign ?? 'its engine is not on this host')
}
