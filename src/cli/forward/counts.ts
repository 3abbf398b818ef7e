import type { Carried } from '../../lib/forward/relay'
import { terminalSize } from '../../lib/terminal/size'
import { cut } from '../../lib/terminal/width'
import { bytesText } from '../../lib/text/bytes'
import { safe } from '../../lib/text/escape-controls'
import { print } from '../output/print'

/** How often (ms) the lines are drawn anew, if anything has changed. */
const drawMs = 500

/** What each that listens has carried: a line each, in place on stderr. */
export class Counts {
  readonly #rows = new Map<string, Row>()
  readonly #timer: NodeJS.Timeout
  #drawn: readonly string[] = []

  constructor() {
    this.#timer = setInterval(() => this.#draw(), drawMs)
    this.#timer.unref()
  }

  /** @param from where it listens, in words */
  joined(from: string, live: () => Carried, over: Promise<unknown>): void {
    const row = this.#rows.get(from) ?? new Row()
    this.#rows.set(from, row)
    row.add(live, over)
  }

  /** Takes the lines away, for others that are printed; they come again below those. */
  clear(): void {
    if (this.#drawn.length > 0) void print(`\x1b[${this.#drawn.length}A\x1b[J`, 2)
    this.#drawn = []
  }

  /** The last of them stay. */
  close(): void {
    clearInterval(this.#timer)
    this.#draw()
    // A prompt does not come behind a terminal's ^C.
    void print('\r\x1b[K', 2)
  }

  #draw(): void {
    const columns = terminalSize()?.columns ?? 80
    const lines = Array.from(this.#rows, ([from, row]) => cut(safe(`  ${from}  ${row.text()}`), columns - 1))
    if (lines.join() === this.#drawn.join()) return
    this.clear()
    this.#drawn = lines
    void print(lines.map((line) => `${line}\n`).join(''), 2)
  }
}

/** The connections of one forward. */
export class Row {
  readonly #open = new Set<() => Carried>()
  #all = 0
  #ended: Carried = { out: 0, back: 0 }

  add(live: () => Carried, over: Promise<unknown>): void {
    this.#all++
    this.#open.add(live)
    void over.then(() => {
      this.#open.delete(live)
      this.#ended = sum([this.#ended, live()])
    })
  }

  text(): string {
    const { out, back } = sum([this.#ended, ...Array.from(this.#open, (live) => live())])
    const connections = `${this.#all} ${this.#all === 1 ? 'connection' : 'connections'}, ${this.#open.size} open`
    return `${connections}; ${bytesText(out)} sent, ${bytesText(back)} received`
  }
}

function sum(all: readonly Carried[]): Carried {
  return all.reduce((one, other) => ({ out: one.out + other.out, back: one.back + other.back }))
}
