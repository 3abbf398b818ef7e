import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Beside } from '../forward/beside'
import type { Readable } from '../forward/names'
import type { Opener } from '../forward/opener'
import type { End } from '../forward/spec'
import type { Target } from '../model'
import { type Held, type Owner, SocketMaker } from '../sockets/maker'

/** Makes sockets of a container, and what has a path there can be dropped. */
export interface Sockets extends Opener {
  /** Of the session's user alone. @throws a system error, such as EEXIST */
  folder(path: Buffer): Promise<void>
  drop(path: Buffer): Promise<void>
}

/** The sockets of a container, and its files for the names of hosts. */
export interface Within {
  readonly maker: Sockets
  readonly held: Readable
}

/** Ports of its network, or Unix sockets, most of which are among its files. */
export type Kind = 'ports' | 'sockets'

export function kindOf(end: End): Kind {
  return end.kind === 'tcp' ? 'ports' : 'sockets'
}

/** Makes the sockets of a client's in a container: in its network, or from beside it where that cannot be entered. */
export class ContainerSockets {
  readonly #owner: Owner | undefined
  readonly #beside: SocketsBeside
  /** In the network that the container has had since `start`. */
  #maker: { readonly start: number; readonly begun: Promise<SocketMaker> } | undefined

  constructor(engine: Engine, target: Target, owner: Owner | undefined) {
    this.#owner = owner
    this.#beside = new SocketsBeside(engine, target, owner)
  }

  /** @param held undefined where it cannot be entered @throws DockerBashError where neither way can be begun */
  async of(kind: Kind, held: Held | undefined): Promise<Within> {
    if (!held) return this.#beside.of(kind)
    if (this.#maker?.start !== held.start) {
      // The container was started anew, and what it had is gone.
      void this.#closeMaker()
      this.#maker = { start: held.start, begun: SocketMaker.start(held, true, this.#owner) }
    }
    return { maker: await this.#maker.begun, held }
  }

  /** Settles when nothing of it is left. */
  async close(): Promise<void> {
    await Promise.all([this.#closeMaker(), this.#beside.close()])
  }

  async #closeMaker(): Promise<void> {
    const maker = await this.#maker?.begun.catch(() => undefined)
    await maker?.close()
  }
}

/**
 * For who cannot enter a container: one beside it for each kind, once there is something of it to be done. Unix sockets
 * are made and connected as the session's user, which the program there has become for good.
 */
class SocketsBeside {
  readonly #engine: Engine
  readonly #target: Target
  readonly #owner: Owner | undefined
  readonly #begun = new Map<Kind, Promise<Beside>>()

  constructor(engine: Engine, target: Target, owner: Owner | undefined) {
    this.#engine = engine
    this.#target = target
    this.#owner = owner
  }

  /** @throws DockerBashError where none can be started, or it cannot do that */
  async of(kind: Kind): Promise<Within> {
    const begun = this.#begun.get(kind) ?? this.#begin(kind)
    this.#begun.set(kind, begun)
    const beside = await begun
    return { maker: beside, held: beside }
  }

  /** Settles when nothing of it is left. */
  async close(): Promise<void> {
    await Promise.allSettled(Array.from(this.#begun.values(), async (begun) => (await begun).close()))
  }

  #begin(kind: Kind): Promise<Beside> {
    const begun = this.#start(kind)
    const forget = () => {
      if (this.#begun.get(kind) === begun) this.#begun.delete(kind)
    }
    // The container may run again, and then with another network.
    begun.then((beside) => beside.over.then(() => beside.close())).then(forget, forget)
    return begun
  }

  async #start(kind: Kind): Promise<Beside> {
    const { perlImage } = await import('../toolbox/perl')
    const image = await perlImage(this.#engine)
    if (!image) {
      throw new DockerBashError(
        `the network of ${this.#target.name} cannot be entered: that takes root on the engine’s host, or a perl on this one to bring along`,
      )
    }
    const { Beside } = await import('../forward/beside')
    const needs = { reverse: kind === 'ports', files: kind === 'sockets' }
    return Beside.start(this.#engine, this.#target, image, needs, kind === 'ports' ? undefined : this.#owner)
  }
}
