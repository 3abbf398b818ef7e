import type { ChalkInstance } from 'chalk'
import { monotonic } from '../clock'
import { cut, padded, widthOf } from '../terminal/width'
import { safe } from '../text/escape-controls'
import type { Outcome } from './outcome'
import type { Region } from './screen'
import type { Member } from './select'

interface State {
  readonly name: string
  /** Milliseconds, by the same clock as `now`; undefined while it waits for its turn. */
  since?: number
  last: string
  outcome?: Outcome
}

/** A line for each member: whether it runs, how it ended, what it said last. One for all where they are too many. */
export class Live implements Region {
  readonly #states: ReadonlyMap<string, State>
  readonly #width: number
  readonly #colours: ChalkInstance
  readonly #now: () => number

  constructor(members: readonly Member[], colours: ChalkInstance, now: () => number = monotonic) {
    this.#states = new Map(members.map(({ id, name }) => [id, { name: safe(name), last: '' }]))
    this.#width = Math.min(32, Math.max(0, ...members.map(({ name }) => widthOf(safe(name)))))
    this.#colours = colours
    this.#now = now
  }

  begun({ id }: Member): void {
    const state = this.#states.get(id)
    if (state) state.since = this.#now()
  }

  /** @param bytes what it printed, as it came: of that, the last line */
  said({ id }: Member, bytes: Buffer): void {
    const state = this.#states.get(id)
    const end = bytes.at(-1) === 0x0a ? bytes.length - 1 : bytes.length
    const line = bytes.subarray(end > 0 ? bytes.lastIndexOf(0x0a, end - 1) + 1 : 0, end)
    if (state && line.length > 0) state.last = safe(line.subarray(0, 400).toString().trimEnd())
  }

  ended({ id }: Member, outcome: Outcome): void {
    const state = this.#states.get(id)
    if (state) state.outcome = outcome
  }

  /** There is a line for each in the window as it was last. */
  isWhole = false

  lines(rows: number): readonly string[] {
    const all = [...this.#states.values()]
    this.isWhole = all.length <= rows
    if (this.isWhole) return all.map((state) => this.#line(state))
    const running = all.filter(({ since, outcome }) => since !== undefined && !outcome)
    const ended = all.filter(({ outcome }) => outcome)
    const failed = ended.filter(({ outcome }) => outcome?.code !== 0).length
    const counts = [
      `${running.length} running`,
      `${ended.length} of ${all.length} ended`,
      ...(failed > 0 ? [`${failed} not with 0`] : []),
    ]
    const shown = running.slice(0, rows - 1)
    return [`  ${counts.join(', ')}`, ...shown.map((state) => this.#line(state))]
  }

  paint(line: string): string {
    if (line.startsWith('  ✓')) return line.replace('✓', this.#colours.green('✓'))
    if (line.startsWith('  ✗')) return line.replace('✗', this.#colours.red('✗'))
    return line
  }

  #line({ name, since, last, outcome }: State): string {
    const mark = outcome ? (outcome.code === 0 ? '✓' : '✗') : '·'
    const text = outcome ? (outcome.why ?? last) : last
    return `  ${mark} ${padded(cut(name, this.#width), this.#width)}  ${this.#status(since, outcome)}  ${text}`.trimEnd()
  }

  /** Ten columns. */
  #status(since: number | undefined, outcome: Outcome | undefined): string {
    if (outcome)
      return outcome.code === 0 ? `${outcome.seconds.toFixed(1)} s`.padEnd(10) : `code ${outcome.code}`.padEnd(10)
    if (since === undefined) return 'waits'.padEnd(10)
    const seconds = Math.floor((this.#now() - since) / 1000)
    return (seconds > 0 ? `runs ${seconds} s` : 'runs').padEnd(10)
  }
}
