import { monotonic } from '../clock'

/** Addresses or keys that are remembered. */
const mostNames = 10_000
/** In milliseconds. */
const minute = 60_000

/** Token buckets, one a name: so many at once, and as many again in a minute. */
export class Buckets {
  readonly #most: number
  readonly #perMinute: number
  readonly #now: () => number
  readonly #left = new Map<string, { readonly count: number; readonly at: number }>()

  constructor(most: number, perMinute = most, now: () => number = monotonic) {
    this.#most = most
    this.#perMinute = perMinute
    this.#now = now
  }

  /** @returns whether there was one left */
  take(name: string): boolean {
    const left = this.#of(name)
    if (left < 1) return false
    this.#set(name, left - 1)
    return true
  }

  /** One that was taken did not count. */
  giveBack(name: string): void {
    this.#set(name, Math.min(this.#most, this.#of(name) + 1))
  }

  #of(name: string): number {
    const known = this.#left.get(name)
    if (!known) return this.#most
    return Math.min(this.#most, known.count + ((this.#now() - known.at) * this.#perMinute) / minute)
  }

  #set(name: string, count: number): void {
    // Last, so that whoever was here longest ago is forgotten first.
    this.#left.delete(name)
    this.#left.set(name, { count, at: this.#now() })
    const [oldest] = this.#left.keys()
    if (this.#left.size > mostNames && oldest !== undefined) this.#left.delete(oldest)
  }
}
