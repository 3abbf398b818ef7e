import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import { monotonic } from '../../lib/clock'
import type { Word } from '../../lib/image/answer'
import { cut } from '../../lib/terminal/width'
import { safe } from '../../lib/text/escape-controls'

/** A build's steps on stderr, each a line in place with the last that it said. Nothing where stderr is not a terminal. */
export class BuildProgress {
  readonly #terminal = isatty(2)
  #step: string | undefined
  #from = 0

  said(word: Word): void {
    if (!this.#terminal) return
    if (word.kind === 'step') {
      this.ended(true)
      this.#step = `${word.at}/${word.of}  ${safe(word.text)}`
      this.#from = monotonic()
    }
    if (word.kind === 'step') this.#draw('·', this.#step ?? '')
    if (word.kind === 'log') this.#draw('·', `${this.#step ? `${this.#step}  ` : ''}${safe(word.text)}`)
  }

  /** The last step's line as it stays. */
  ended(ok: boolean): void {
    if (this.#terminal && this.#step !== undefined) {
      const seconds = ((monotonic() - this.#from) / 1000).toFixed(1)
      this.#draw(ok ? '✓' : '✗', `${this.#step}  ${seconds} s`)
      writeSync(2, '\n')
    } else if (this.#terminal) writeSync(2, '\r\x1b[2K')
    this.#step = undefined
  }

  #draw(mark: string, text: string): void {
    const line = `  ${mark} ${text}`
    writeSync(2, `\r\x1b[2K${cut(line, (process.stderr.columns || 80) - 1, 'end', '')}`)
  }
}
