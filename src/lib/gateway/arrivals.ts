import { monotonic } from '../clock'
import { networkOf } from './address'
import { Buckets } from './buckets'

/** In all, beside what one address may: a few of them that flood leave the processor to who is in. */
const inAll = { atOnce: 2, perMinute: 10 }
/** In milliseconds: so long an address is known by which somebody logged in. */
const day = 24 * 60 * 60_000
const mostKnown = 10_000

/**
 * Fresh connections, judged before a byte of them is read: what follows is a key exchange, which costs a server some
 * milliseconds of its processor and a client next to nothing.
 */
export class Arrivals {
  readonly #ofAddress: Buckets
  readonly #inAll: Buckets
  readonly #now: () => number
  /** When somebody logged in, by address. */
  readonly #known = new Map<string, number>()

  /** @param perMinute from one address; as many at once */
  constructor(perMinute: number, now: () => number = monotonic) {
    this.#ofAddress = new Buckets(perMinute, perMinute, now)
    this.#inAll = new Buckets(perMinute * inAll.atOnce, perMinute * inAll.perMinute, now)
    this.#now = now
  }

  /** Counts one. @returns whether it may go on; many addresses together keep out none that somebody logged in from */
  may(from: string): boolean {
    const address = networkOf(from)
    if (!this.#ofAddress.take(address)) return false
    const known = this.#known.get(address)
    return (known !== undefined && this.#now() - known < day) || this.#inAll.take('')
  }

  /** Somebody has logged in from there. */
  know(from: string): void {
    const address = networkOf(from)
    this.#known.delete(address)
    this.#known.set(address, this.#now())
    const [oldest] = this.#known.keys()
    if (this.#known.size > mostKnown && oldest !== undefined) this.#known.delete(oldest)
  }
}
