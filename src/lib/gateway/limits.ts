import { monotonic } from '../clock'

export interface Bounds {
  /** At once, in all; half of them from one address. */
  readonly connections: number
  /** Of one address. */
  readonly loginsPerMinute: number
}

/** At once, of those that nobody has logged in by yet. */
const mostWaiting = 64
/** Addresses that are remembered for the logins of a minute. */
const mostAddresses = 10_000
/** In milliseconds. */
const minute = 60_000

/** One connection's place. */
export interface Seat {
  /** It goes on with its login: those that do not are ended before it. */
  renew(): void
  /** It waits no more: somebody has logged in. */
  settle(): void
  leave(): void
}

interface Waiting {
  readonly address: string
  end(): void
}

/** How many may be here, and how often somebody may try to come in. */
export class Limits {
  readonly #bounds: Bounds
  readonly #now: () => number
  /** Connections by address. */
  readonly #here = new Map<string, number>()
  #count = 0
  /** The oldest first. */
  readonly #waiting = new Set<Waiting>()
  readonly #logins = new Map<string, number[]>()

  constructor(bounds: Bounds, now: () => number = monotonic) {
    this.#bounds = bounds
    this.#now = now
  }

  /**
   * A place for a connection. Where there is none left, or too many wait to log in, whoever of the same address (or of
   * the one with the most) has waited longest is ended: a flood from one address keeps nobody out from another, and it
   * takes one that is quicker than a login to keep out its own.
   * @param end ends it
   * @returns undefined when all of them have logged in
   */
  enter(from: string, end: () => void): Seat | undefined {
    const address = networkOf(from)
    const { connections } = this.#bounds
    if (this.#of(address) >= Math.ceil(connections / 2) && !this.#endOne(address)) return undefined
    if (this.#count >= connections && !this.#endOne()) return undefined
    this.#count++
    this.#here.set(address, this.#of(address) + 1)
    let isHere = true
    const leave = () => {
      this.#waiting.delete(waiting)
      if (isHere) this.#left(address)
      isHere = false
    }
    const waiting: Waiting = {
      address,
      end: () => {
        leave()
        end()
      },
    }
    this.#waiting.add(waiting)
    if (this.#waiting.size > mostWaiting) this.#endOne()
    const renew = () => {
      if (this.#waiting.delete(waiting)) this.#waiting.add(waiting)
    }
    return { renew, settle: () => this.#waiting.delete(waiting), leave }
  }

  /** Counts an attempt to log in. @returns whether it may be one */
  mayLogIn(from: string): boolean {
    const address = networkOf(from)
    const now = this.#now()
    const recent = (this.#logins.get(address) ?? []).filter((at) => now - at < minute)
    // Last, so that whoever was here longest ago is forgotten first.
    this.#logins.delete(address)
    if (recent.length < this.#bounds.loginsPerMinute) recent.push(now)
    else {
      this.#logins.set(address, recent)
      return false
    }
    this.#logins.set(address, recent)
    const [oldest] = this.#logins.keys()
    if (this.#logins.size > mostAddresses && oldest !== undefined) this.#logins.delete(oldest)
    return true
  }

  #left(address: string): void {
    this.#count--
    const here = this.#of(address) - 1
    if (here > 0) this.#here.set(address, here)
    else this.#here.delete(address)
  }

  #of(address: string): number {
    return this.#here.get(address) ?? 0
  }

  /** @param address left out: the one of which most wait @returns whether anybody waited */
  #endOne(address = this.#mostWaiting()): boolean {
    for (const one of this.#waiting) {
      if (one.address !== address) continue
      one.end()
      return true
    }
    return false
  }

  #mostWaiting(): string | undefined {
    const counts = new Map<string, number>()
    for (const { address } of this.#waiting) counts.set(address, (counts.get(address) ?? 0) + 1)
    const most = Math.max(...counts.values())
    return [...counts].find(([, count]) => count === most)?.[0]
  }
}

/** Whoever has one IPv6 address has a /64 of them. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const parts = head.split(':').filter(Boolean)
  const rest = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const zeros = tail === undefined ? [] : Array(Math.max(0, 8 - parts.length - rest.length)).fill('0')
  return [...parts, ...zeros, ...rest].slice(0, 4).join(':')
}

/** An address as it is known: an IPv4 one may come as IPv6. */
export function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '').split('%')[0] ?? 'unix'
}
