import { shownName } from '../text/byte-names'

/** What became of a copy so far, and who hears of it. */
export class Tally {
  /** Files, links and the like that are where they belong. Folders are not counted. */
  files = 0
  bytes = 0
  /** Left as they were, for -n. */
  kept = 0
  /** Not copied, each said. */
  failed = 0
  readonly #tell: (name: string, because: string) => void

  constructor(tell: (name: string, because: string) => void) {
    this.#tell = tell
  }

  /** One that could not be copied. The others are gone on with. */
  miss(name: string, because: string): void {
    this.failed++
    this.#tell(shownName(name), because)
  }
}

/** How files are to be copied. */
export interface CopyOptions {
  /** Owners by number, all of the mode, extended attributes, devices. */
  readonly archive: boolean
  /** What is there stays. */
  readonly keep: boolean
  /** Of all that is made; undefined: as `archive` says, or whoever writes. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** Of all that is made; folders can be entered by whoever can read them. */
  readonly mode?: number | undefined
  /** Whoever writes may give files away. */
  readonly mayOwn: boolean
}
