/** Bytes of a line without an end that are held back; past it the line is handed out in pieces. */
export const longestLine = 64 * 1024

export interface Line {
  readonly bytes: Buffer
  /** It ended; otherwise more of it follows, or the output ended in the middle of it. */
  readonly whole: boolean
  /** It goes on from the piece before. */
  readonly continues: boolean
}

/** Cuts what a command prints into lines, their ends taken off. Holds at most one piece of a line. */
export class Lines {
  #held: Buffer[] = []
  #length = 0
  #continues = false

  /** The lines that are complete with this. */
  take(bytes: Buffer): Line[] {
    const lines: Line[] = []
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(0x0a, at)
      const room = longestLine - this.#length
      const stop = end < 0 ? bytes.length : end
      if (stop - at > room) {
        this.#hold(bytes.subarray(at, at + room))
        lines.push(this.#cut(false))
        at += room
        continue
      }
      this.#hold(bytes.subarray(at, stop))
      if (end >= 0) lines.push(this.#cut(true))
      at = stop + 1
    }
    return lines
  }

  /** What is left when the output has ended: the beginning of a line, if there is one. */
  rest(): Line[] {
    return this.#length > 0 ? [this.#cut(false)] : []
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#held.push(bytes)
    this.#length += bytes.length
    // Many small pieces of one line cost more than their bytes.
    if (this.#held.length > 64) this.#held = [Buffer.concat(this.#held)]
  }

  #cut(whole: boolean): Line {
    const line = { bytes: Buffer.concat(this.#held), whole, continues: this.#continues }
    this.#held = []
    this.#length = 0
    this.#continues = !whole
    return line
  }
}
