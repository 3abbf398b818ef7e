import { spawnSync } from 'node:child_process'

/**
 * Our terminal, handed to the session byte for byte. `stty` does it, not `setRawMode`: libuv's raw mode keeps ONLCR,
 * which turns the bare line feeds of a full-screen program into carriage returns too.
 */
export class RawTerminal {
  #saved: string | undefined
  readonly #restore = () => this.restore()
  readonly #again = () => this.#set()

  /** Notes how it is: what is put back in the end, whatever was done to it by us or by a child meanwhile. */
  save(): void {
    this.#saved ??= stty(['-g'])?.trim()
    if (this.#saved !== undefined) process.once('exit', this.#restore)
  }

  /** Raw from here on. Whatever ends us but kill -9, the terminal is put back. */
  enter(): void {
    this.save()
    if (this.#saved === undefined) return
    // Stopped and continued from outside: the shell in between has set the terminal to its own liking.
    process.on('SIGCONT', this.#again)
    this.#set()
  }

  /** Puts it back as it was; only the first call does anything. */
  restore(): void {
    if (this.#saved === undefined) return
    stty([this.#saved])
    this.#saved = undefined
    process.off('exit', this.#restore)
    process.off('SIGCONT', this.#again)
  }

  #set(): void {
    stty(['raw', '-echo', '-iexten'])
  }
}

/** @returns what it printed, or undefined when there is no stty or no terminal */
function stty(args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' })
  return status === 0 ? stdout : undefined
}
