import { isatty } from 'node:tty'
import type { Tally } from '../../lib/copy/tally'
import { bytesText } from '../../lib/text/bytes'
import { safe, safeJson } from '../../lib/text/escape-controls'
import { say } from '../output/errors'
import { print } from '../output/print'

/** Says how a copy goes: a line in place at a terminal, the end in words, or all of it as lines of JSON. */
export class Teller {
  readonly #json: boolean
  readonly #verbose: boolean
  readonly #isLive: boolean
  readonly #begun = process.hrtime.bigint()
  #timer: NodeJS.Timeout | undefined
  #drawn = false
  #queue: Promise<void> = Promise.resolve()

  constructor({ json, verbose }: { json: boolean; verbose: boolean }) {
    this.#json = json
    this.#verbose = verbose
    this.#isLive = !json && isatty(2)
  }

  /** Drawn from the second second on, twice a second. */
  begins(tally: Tally, total?: number): void {
    if (!this.#isLive) return
    let ticks = 0
    this.#timer = setInterval(() => {
      if (++ticks < 2) return
      this.#drawn = true
      void print(`\r\x1b[K  ${progress(tally, this.#seconds(), total)}`, 2)
    }, 500)
    this.#timer.unref()
  }

  missed(name: string, because: string): void {
    this.#clear()
    if (this.#json) this.#line({ event: 'failed', name, because })
    else say(`${name} was not copied: ${because}`)
  }

  async ends(tally: Tally, code: number): Promise<void> {
    this.stops()
    const seconds = Number(this.#seconds().toFixed(3))
    const { files, bytes, kept, failed } = tally
    if (this.#json) this.#line({ event: code === 0 ? 'done' : 'stopped', files, bytes, kept, failed, seconds })
    else if (this.#isLive || this.#verbose) {
      const rest = [kept > 0 && `${kept} kept`, failed > 0 && `${failed} not copied`].filter(Boolean)
      say(
        [`${code === 0 ? 'copied' : 'stopped after'} ${counted(tally)} in ${seconds.toFixed(1)} s`, ...rest].join(', '),
      )
    }
    await this.#queue
  }

  stops(): void {
    clearInterval(this.#timer)
    this.#clear()
  }

  #clear(): void {
    if (this.#drawn) void print('\r\x1b[K', 2)
    this.#drawn = false
  }

  #line(what: object): void {
    const text = `${safeJson(what)}\n`
    this.#queue = this.#queue.then(() => print(text))
  }

  #seconds(): number {
    return Number(process.hrtime.bigint() - this.#begun) / 1e9
  }
}

/** How far it is, as one line; with the time that is left where it is known how much there is. */
export function progress(tally: Pick<Tally, 'files' | 'bytes'>, seconds: number, total: number | undefined): string {
  const rate = tally.bytes / seconds
  const line = `${counted(tally)}, ${bytesText(rate)}/s`
  return total === undefined || rate === 0 || tally.bytes > total
    ? line
    : `${line}, ${Math.floor((100 * tally.bytes) / Math.max(1, total))} %, ${left((total - tally.bytes) / rate)} left`
}

function left(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function counted({ files, bytes }: Pick<Tally, 'files' | 'bytes'>): string {
  return safe(`${files} ${files === 1 ? 'file' : 'files'} (${bytesText(bytes)})`)
}
