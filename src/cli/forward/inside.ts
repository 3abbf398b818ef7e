import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { isListened } from '../../lib/forward/listening'
import type { End } from '../../lib/forward/spec'
import { readStat } from '../../lib/host/proc'
import type { Target } from '../../lib/model'
import { type Held, type InternetAddress, type SocketAddress, SocketMaker } from '../../lib/sockets/maker'
import { here } from '../../lib/target/compose'
import { find } from '../../lib/target/find'
import { parseTarget } from '../../lib/target/parse'
import { withRuntime } from '../../lib/target/runtime'
import { requireRunning } from '../../lib/target/state'
import { engineOf } from '../engine'
import { findTarget } from '../find-target'

/** The network of the container that a word means: of another one, once the first has ended. */
export class Inside {
  readonly #word: string
  readonly #flags: EndpointChoice
  readonly #files: boolean
  #held: Held
  #maker: SocketMaker

  /** @param files paths of its files are meant, too */
  static async reach(word: string, flags: EndpointChoice, files: boolean): Promise<Inside> {
    const { target } = await findTarget(parseTarget(word), flags, { word })
    const held = heldOf(target)
    return new Inside(word, flags, files, held, await SocketMaker.start(held, files))
  }

  private constructor(word: string, flags: EndpointChoice, files: boolean, held: Held, maker: SocketMaker) {
    this.#word = word
    this.#flags = flags
    this.#files = files
    this.#held = held
    this.#maker = maker
  }

  get name(): string {
    return this.#held.name
  }

  get pid(): number {
    return this.#held.pid
  }

  /** Settles when the container has ended. */
  get over(): Promise<void> {
    return this.#maker.over
  }

  /** Whether somebody listens at an address of it, as far as that can be seen without asking there. */
  isListened(end: End): boolean | undefined {
    return isListened(this.pid, end)
  }

  connect(to: SocketAddress) {
    return this.#maker.connect(to)
  }

  listen(at: SocketAddress) {
    return this.#maker.listen(at)
  }

  sender(to: InternetAddress) {
    return this.#maker.sender(to)
  }

  receiver(at: InternetAddress) {
    return this.#maker.receiver(at)
  }

  /** Once more, by the word. @throws DockerBashError as long as it does not run */
  async again(): Promise<void> {
    const { target } = await find(engineOf(this.#flags), parseTarget(this.#word), here())
    const held = heldOf(target)
    const maker = await SocketMaker.start(held, this.#files)
    await this.#maker.close()
    this.#held = held
    this.#maker = maker
  }

  close(): Promise<void> {
    return this.#maker.close()
  }
}

/** @throws DockerBashError unless its namespaces are ours to enter */
function heldOf(found: Target): Held {
  requireRunning(found)
  const { name, pid, onHost, local, foreign } = withRuntime(found)
  const start = readStat(pid)?.start
  if (onHost.looked && onHost.found.certain && start !== undefined) return { name, pid, start }
  const because = local ? 'that takes root on this host' : (foreign ?? 'its engine is not on this host')
  throw new DockerBashError(`the network of ${name} cannot be entered: ${because}`, {
    hint: `as root on the engine’s host: sudo docker-bash forward ${name} …`,
  })
}
