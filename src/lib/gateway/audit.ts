import { monotonic } from '../clock'
import { safeJson } from '../text/escape-controls'

/** What is told of, a line each. Text in it may be anybody's. */
export interface Told {
  readonly event: 'listening' | 'login' | 'channel' | 'left' | 'refused' | 'note' | 'ended'
  readonly [about: string]: unknown
}

/** Told of whatever happens. Never throws. */
export type Audit = (told: Told) => void

/** In bytes: what one write to a file that is appended to puts there in one piece. */
const mostOfLine = 4096

/** A line of the audit: JSON, safe to print, the time in front; long texts are cut. */
export function auditLine(told: Told, now = new Date()): string {
  for (let most = 1024; ; most = Math.floor(most / 2)) {
    const cut = (_name: string, value: unknown) =>
      typeof value === 'string' && value.length > most ? `${value.slice(0, most)}…` : value
    const short = JSON.parse(JSON.stringify({ time: now.toISOString(), ...told }, cut))
    const line = `${safeJson(short)}\n`
    if (Buffer.byteLength(line) <= mostOfLine || most < 16) return line
  }
}

/** What is told of a flood: so many lines a minute, then how many there were besides. */
export class Scarce {
  readonly #audit: Audit
  readonly #most: number
  readonly #now: () => number
  #since = Number.NEGATIVE_INFINITY
  #count = 0

  constructor(audit: Audit, most: number, now: () => number = monotonic) {
    this.#audit = audit
    this.#most = most
    this.#now = now
  }

  tell(told: Told): void {
    const now = this.#now()
    if (now - this.#since >= 60_000) {
      const besides = this.#count - this.#most
      if (besides > 0) this.#audit({ event: 'note', text: `${besides} more connections were refused` })
      this.#since = now
      this.#count = 0
    }
    if (++this.#count <= this.#most) this.#audit(told)
  }
}

/** What becomes of one channel, such as a command: told when it is over. */
export type Over = (how: string) => void

/** Begins to tell of a channel. */
export type Begin = (kind: string, what: string) => Over

/** Tells of each channel of a connection once, at its end: what it was, how it ended, how long it took. */
export function channelsOf(audit: Audit, about: object): Begin {
  return (kind, what) => {
    const from = monotonic()
    let isOver = false
    return (how) => {
      if (isOver) return
      isOver = true
      audit({ event: 'channel', ...about, kind, what, how, ms: Math.round(monotonic() - from) })
    }
  }
}
