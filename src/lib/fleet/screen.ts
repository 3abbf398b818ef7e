import type { Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { Sink } from '../session/sink'
import { terminalSize } from '../terminal/size'
import { cut, widthOf } from '../terminal/width'

/** Lines at the bottom of a terminal, drawn anew while other output goes by above them. */
export interface Region {
  /** At most `rows` lines, of text without control characters. */
  lines(rows: number): readonly string[]
  /** A line, already cut to its width, in its colours. */
  paint(line: string): string
}

type Descriptor = 1 | 2

interface Wish {
  readonly fd: Descriptor
  readonly bytes: Buffer
  readonly done: (error?: unknown) => void
}

/**
 * Our stdout and stderr, written one thing after the other, with a region at the foot of the terminal that stderr may
 * be. A region stands between whole lines only: while the last line is open, it waits.
 */
export class Screen {
  readonly #out: Readonly<Record<Descriptor, Writable>> = { 1: new Sink(1), 2: new Sink(2) }
  readonly #terminal: Readonly<Record<Descriptor, boolean>> = { 1: isatty(1), 2: isatty(2) }
  readonly #region: Region | undefined
  readonly #timer: NodeJS.Timeout | undefined
  #wishes: Wish[] = []
  #writing: Promise<void> | undefined
  #drawn: readonly string[] = []
  #open = false
  #failure: unknown

  constructor(region: Region) {
    for (const out of Object.values(this.#out)) out.on('error', (error) => (this.#failure ??= error))
    if (!this.#terminal[2]) return
    this.#region = region
    this.#timer = setInterval(() => this.#redraw(), 100)
  }

  /** Settles once it is written. Rejects when our own output cannot be. */
  write(fd: Descriptor, bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#wishes.push({ fd, bytes, done: (error) => (error ? reject(error) : resolve()) })
      void this.#do(() => this.#all())
    })
  }

  /** The region as it is in the end; it stays if it is `kept`. */
  async finish(kept: boolean): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
    if (!this.#region) return
    await this.#draw(kept ? this.#frame() : [])
    this.#drawn = []
  }

  /** One thing at a time: what is wished meanwhile comes next. */
  #do(work: () => Promise<void>): Promise<void> {
    this.#writing ??= work().finally(() => {
      this.#writing = undefined
      if (this.#wishes.length > 0) void this.#do(() => this.#all())
    })
    return this.#writing
  }

  async #all(): Promise<void> {
    while (this.#wishes.length > 0) {
      const wishes = this.#wishes.splice(0)
      const above = this.#region !== undefined && wishes.some(({ fd }) => this.#terminal[fd])
      if (above) await this.#draw([])
      for (const group of grouped(wishes)) await this.#grant(group)
      if (above && !this.#open) await this.#draw(this.#frame())
    }
  }

  async #grant(group: readonly [Wish, ...Wish[]]): Promise<void> {
    const [{ fd }] = group
    const bytes = Buffer.concat(group.map((wish) => wish.bytes))
    let failure: unknown
    try {
      if (bytes.length > 0) await this.#put(fd, bytes)
    } catch (error) {
      failure = error
    }
    if (this.#terminal[fd] && bytes.length > 0) this.#open = bytes.at(-1) !== 0x0a
    for (const { done } of group) done(failure)
  }

  #redraw(): void {
    const frame = this.#frame()
    if (this.#open || this.#writing || frame.join('\n') === this.#drawn.join('\n')) return
    void this.#do(() => this.#draw(frame))
  }

  /** Takes the region away and puts another in its place. */
  async #draw(frame: readonly string[]): Promise<void> {
    const bytes = this.#erased() + frame.map((line) => `\x1b[0m${this.#region?.paint(line)}\n`).join('')
    this.#drawn = frame
    // A terminal that is gone is not a reason to end what runs: its SIGHUP is.
    if (bytes !== '') await this.#put(2, Buffer.from(bytes)).catch(() => undefined)
  }

  /** The region as it is now. */
  #frame(): readonly string[] {
    const { columns, rows } = terminalSize() ?? { columns: 80, rows: 24 }
    return (this.#region?.lines(roomIn(rows)) ?? []).map((line) => cut(line, columns - 1))
  }

  /** Up to the first line of the region, in a window that may be narrower by now, and all from there on cleared. */
  #erased(): string {
    const columns = terminalSize()?.columns ?? 80
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns)), 0)
    return rows > 0 ? `\r\x1b[${rows}A\x1b[J` : ''
  }

  #put(fd: Descriptor, bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#out[fd].write(bytes, (error) => (error ? reject(error) : resolve()))
    })
  }
}

/** Most of the window; some of it is left to what the commands print. */
function roomIn(rows: number): number {
  return rows < 16 ? Math.max(1, Math.floor(rows / 2)) : rows - 8
}

/** Neighbours that go to the same descriptor. */
function grouped(wishes: readonly Wish[]): [Wish, ...Wish[]][] {
  const groups: [Wish, ...Wish[]][] = []
  for (const wish of wishes) {
    const last = groups.at(-1)
    if (last?.[0].fd === wish.fd) last.push(wish)
    else groups.push([wish])
  }
  return groups
}
