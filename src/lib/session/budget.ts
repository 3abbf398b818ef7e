const MiB = 1024 * 1024

/** Each may hold so many bytes whatever the others hold: nobody waits for somebody else's reader. */
const share = MiB / 4

/** What several spools hold together, in bytes. Of one session it is never reached; of a fleet with a slow reader it is. */
export class Budget {
  readonly #most: { readonly memory: number; readonly file: number }
  #memory = 0
  #file = 0

  constructor(most = { memory: 32 * MiB, file: 1024 * MiB }) {
    this.#most = most
  }

  /** @param memory @param file how much more is held; less, below 0 */
  add(memory: number, file: number): void {
    this.#memory += memory
    this.#file += file
  }

  /** More goes into a file. @param own what the one that asks holds in memory */
  isMemoryFull(own: number): boolean {
    return own > share && this.#memory > this.#most.memory
  }

  /** Whoever feeds it is to stop. @param own what the one that asks holds */
  isFull(own: number): boolean {
    return own > share && this.#memory + this.#file > this.#most.memory + this.#most.file
  }
}

/** Of all spools of this process. */
export const common = new Budget()
