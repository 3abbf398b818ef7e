import { cut, padded, widthOf } from '../../lib/terminal/width'
import { safe } from '../../lib/text/escape-controls'
import { print } from './print'

export interface Done {
  readonly name: string
  readonly ok: boolean
  readonly text: string
  readonly seconds: number
}

/** One line a thing: in place at a terminal, appended as each is done elsewhere. */
export class Live {
  readonly #names: readonly string[]
  readonly #width: number
  readonly #lines: Map<string, string>
  readonly #terminal = process.stdout.isTTY
  #drawn = false
  #queue: Promise<void> = Promise.resolve()

  constructor(names: readonly string[]) {
    this.#names = names
    this.#width = Math.min(40, Math.max(...names.map((name) => widthOf(safe(name))), 0))
    this.#lines = new Map(names.map((name) => [name, '']))
    if (this.#terminal) for (const name of names) this.doing(name, '')
  }

  doing(name: string, text: string): void {
    if (this.#terminal) this.#set(name, this.#line('·', name, text))
  }

  done({ name, ok, text, seconds }: Done): void {
    this.#set(name, this.#line(ok ? '✓' : '✗', name, ok ? `${text}  ${seconds.toFixed(1)} s` : text))
  }

  /** Settles once all is written. */
  written(): Promise<void> {
    return this.#queue
  }

  #line(mark: string, name: string, text: string): string {
    return `  ${mark} ${padded(safe(name), this.#width)}  ${safe(text)}`.trimEnd()
  }

  #set(name: string, line: string): void {
    this.#lines.set(name, line)
    if (!this.#terminal) {
      this.#write(`${line}\n`)
      return
    }
    const up = this.#drawn ? `\x1b[${this.#names.length}A` : ''
    this.#drawn = true
    const columns = process.stdout.columns || 80
    this.#write(
      up + this.#names.map((one) => `\x1b[2K${cut(this.#lines.get(one) ?? '', columns - 1, 'end', '')}\n`).join(''),
    )
  }

  #write(text: string): void {
    this.#queue = this.#queue.then(() => print(text))
  }
}
