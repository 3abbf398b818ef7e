import { makeRaw, stty } from './stty'

/** Our terminal, handed to the session byte for byte. */
export class RawTerminal {
  #saved: string | undefined
  readonly #restore = () => this.restore()

  /** Notes how it is: what is put back in the end, whatever was done to it by us or by a child meanwhile. */
  save(): void {
    this.#saved ??= stty('-g')
    if (this.#saved !== undefined) process.once('exit', this.#restore)
  }

  /** Raw from here on. Whatever ends us but kill -9, the terminal is put back. */
  enter(): void {
    this.save()
    if (this.#saved === undefined) return
    // Stopped and continued from outside: the shell in between has set the terminal to its own liking.
    process.on('SIGCONT', makeRaw)
    makeRaw()
  }

  /** Puts it back as it was; only the first call does anything. */
  restore(): void {
    if (this.#saved === undefined) return
    stty(this.#saved)
    this.#saved = undefined
    process.off('exit', this.#restore)
    process.off('SIGCONT', makeRaw)
  }
}
