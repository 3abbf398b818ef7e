import { monotonic } from '../clock'
import { DockerBashError } from '../errors'
import { networkOf } from './address'
import { Arrivals } from './arrivals'
import { Buckets } from './buckets'

export interface Bounds {
  /** At once, in all; half of them from one address. */
  readonly connections: number
  /** At once, by one key. */
  readonly perKey: number
  /** Fresh ones, from one address. */
  readonly connectionsPerMinute: number
  /** By one key; and those that fail from one address. */
  readonly loginsPerMinute: number
}

/** A key has what it may have: told of as scarcely as any flood. */
export class TooMany extends DockerBashError {}

/** At once, of those that nobody has logged in by yet. */
const mostWaiting = 64

/** One connection's place. */
export interface Seat {
  /** It goes on with its login: those that do not are ended before it. */
  renew(): void
  /** A key has signed: it is its connection from now on. @throws TooMany */
  claim(key: string): void
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
  readonly #arrivals: Arrivals
  readonly #failures: Buckets
  readonly #logins: Buckets
  /** Connections by address. */
  readonly #here = new Map<string, number>()
  readonly #ofKey = new Map<string, number>()
  #count = 0
  /** The oldest first. */
  readonly #waiting = new Set<Waiting>()

  constructor(bounds: Bounds, now: () => number = monotonic) {
    const { connectionsPerMinute, loginsPerMinute } = bounds
    this.#bounds = bounds
    this.#arrivals = new Arrivals(connectionsPerMinute, now)
    this.#failures = new Buckets(loginsPerMinute, loginsPerMinute, now)
    this.#logins = new Buckets(loginsPerMinute, loginsPerMinute, now)
  }

  /** Counts a fresh connection. @returns whether it may be served at all */
  mayArrive(from: string): boolean {
    return this.#arrivals.may(from)
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
    add(this.#here, address, 1)
    let isHere = true
    let claimed: string | undefined
    const leave = () => {
      this.#waiting.delete(waiting)
      if (!isHere) return
      isHere = false
      this.#count--
      add(this.#here, address, -1)
      if (claimed !== undefined) add(this.#ofKey, claimed, -1)
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
    const claim = (key: string) => {
      this.#logIn(key)
      if (!isHere) return
      claimed = key
      add(this.#ofKey, key, 1)
    }
    const settle = () => {
      this.#waiting.delete(waiting)
      this.#arrivals.know(from)
    }
    return { renew, claim, settle, leave }
  }

  /** Counts a login that may fail. @returns whether this address may still be wrong */
  mayFail(from: string): boolean {
    return this.#failures.take(networkOf(from))
  }

  /** It did not fail. */
  hasNotFailed(from: string): void {
    this.#failures.giveBack(networkOf(from))
  }

  #logIn(key: string): void {
    const { perKey, loginsPerMinute } = this.#bounds
    if ((this.#ofKey.get(key) ?? 0) >= perKey) {
      throw new TooMany(`this key has ${perKey} connections already`, { hint: 'share one: ssh -o ControlMaster=auto' })
    }
    if (!this.#logins.take(key)) {
      throw new TooMany(`this key has logged in more than ${loginsPerMinute} times a minute`, {
        hint: 'share a connection: ssh -o ControlMaster=auto',
      })
    }
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

function add(counts: Map<string, number>, name: string, more: number): void {
  const count = (counts.get(name) ?? 0) + more
  if (count > 0) counts.set(name, count)
  else counts.delete(name)
}
