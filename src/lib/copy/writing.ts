import { randomBytes } from 'node:crypto'
import { errno } from '../errors'
import { below, type Handle, type SftpClient } from '../sftp/client'
import type { Wanted } from '../sftp/packet'
import { nameSmall, type Small } from '../sftp/small-files'
import { because, isOfAll, stopped } from './stopped'
import type { CopyOptions, Tally } from './tally'

/** A folder that is written into: open, and its names from the top of what is copied. */
export interface Into {
  readonly handle: Handle
  readonly names: readonly string[]
}

interface Written {
  readonly handle: Handle
  readonly to: Wanted
  readonly begun: string
  readonly into: Into
  readonly name: string
  readonly shown: string
}

type Shown = (name: string) => string

/** So many files are open at most, and so many folders. */
const mostFiles = 256
const mostFolders = 128
/** So many packets of small ones are on their way: each takes room for its bytes more than once. */
export const mostPackets = 3
/** So many small ones wait for their names. */
const mostSmall = 32_768
/** Beyond so many, the whole file system goes through to the disk rather than each. */
export const fewFiles = 16

/**
 * Gives files their names: each is written beside where it belongs, goes through to the disk and is renamed, many at a
 * time, since a disk takes many as fast as one.
 */
export class Writing {
  readonly client: SftpClient
  readonly options: CopyOptions
  readonly tally: Tally
  /** The folder that the names of `Into` begin in. */
  readonly top: Handle
  #files: Written[] = []
  #small: { readonly batch: number; readonly names: string; readonly shownIn: Shown }[] = []
  #smallCount = 0
  #batches = 0
  #links: (() => Promise<void>)[] = []
  #folders: (() => Promise<void>)[] = []
  readonly #running = new Set<Promise<void>>()
  /** What ended all of it. */
  #over: unknown

  constructor(client: SftpClient, top: Handle, options: CopyOptions, tally: Tally) {
    this.client = client
    this.top = top
    this.options = options
    this.tally = tally
  }

  /** Begins a file: its handle, and a name that goes again unless it is finished. */
  async begin({ handle }: Into, name: string): Promise<{ handle: Handle; begun: string }> {
    const begun = below(handle, beside(name))
    return { handle: await this.client.open(begun, 'create'), begun }
  }

  /** A file that was begun and is not to be. */
  async drop(handle: Handle, begun: string): Promise<void> {
    await Promise.all([this.client.close(handle), this.client.remove(begun)]).catch(() => undefined)
  }

  /** The file is written; it gets its name later. */
  finish(written: Written): void {
    this.#files.push(written)
  }

  /** A number for small files of one folder that are made at once, at most 128 of them. */
  batch(): number {
    return this.#batches++
  }

  /**
   * They are made; they get their names later.
   * @param names with a slash between them
   * @returns the names of those that are to be copied by themselves
   */
  small(batch: number, names: string, { count, bytes, failed }: Small, shownIn: Shown): string[] {
    this.tally.bytes += bytes
    const alone: string[] = []
    for (const { at, error, isUnsent } of failed) {
      const name = nth(names, at)
      if (isUnsent) alone.push(name)
      else this.#missed(error, shownIn(name))
    }
    if (count > 0) this.#small.push({ batch, names, shownIn })
    this.#smallCount += count
    return alone
  }

  /** Once all files that were finished so far have their names. */
  link(work: () => Promise<void>): void {
    this.#links.push(work)
  }

  /** Once all that is in the folder has its name. */
  folder(work: () => Promise<void>): void {
    this.#folders.push(work)
  }

  /** Runs beside others, of which there are as many at most; a failure that is not one file's alone comes out at the next `run` or `flush`. */
  async run(shown: string, work: () => Promise<void>, most = 32): Promise<void> {
    while (this.#running.size >= most) await Promise.race(this.#running)
    if (this.#over !== undefined) throw this.#over
    const one: Promise<void> = this.#orMissed(shown, work)
      .catch((error: unknown) => {
        this.#over ??= error
      })
      .finally(() => this.#running.delete(one))
    this.#running.add(one)
    if (
      this.#files.length + this.#running.size >= mostFiles ||
      this.#folders.length >= mostFolders ||
      this.#smallCount >= mostSmall
    )
      await this.flush()
  }

  /** The same, at once. */
  now(shown: string, work: () => Promise<void>): Promise<void> {
    return this.#orMissed(shown, work)
  }

  async flush(): Promise<void> {
    await Promise.all(this.#running)
    if (this.#over !== undefined) throw this.#over
    const files = this.#files
    this.#files = []
    const small = this.#small.splice(0)
    this.#smallCount = 0
    const isMany = files.length > fewFiles || small.length > 0
    if (isMany) await this.client.syncAll(this.top)
    await Promise.all(small.map((one) => this.#nameSmall(one)))
    await Promise.all(files.map((file) => this.#orMissed(file.shown, () => this.#name(file, !isMany))))
    for (const work of this.#links.splice(0)) await work()
    for (const work of this.#folders.splice(0)) await work()
  }

  /** What is at the name already stays, if that is asked for. */
  async keeps({ handle }: Into, name: string): Promise<boolean> {
    if (!this.options.keep || !(await this.client.lstat(below(handle, name)))) return false
    this.tally.kept++
    return true
  }

  /** Made at once where nothing has the name, else beside it. */
  async place({ handle }: Into, name: string, make: (path: string) => Promise<void>): Promise<void> {
    const path = below(handle, name)
    try {
      await make(path)
    } catch (error) {
      if (errno(error) !== 'EEXIST' || this.options.keep) throw error
      const begun = below(handle, beside(name))
      await make(begun)
      try {
        await this.client.rename(begun, path, true)
      } finally {
        // Two names of one file do not replace each other.
        await this.client.remove(begun).catch(() => undefined)
      }
    }
    this.tally.files++
  }

  /** @throws what is not about one file alone */
  async #orMissed(shown: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      // A signal's name.
      if (!(error instanceof Error)) throw error
      this.#missed(error, shown)
    }
  }

  async #nameSmall({ batch, names, shownIn }: { batch: number; names: string; shownIn: Shown }) {
    const { count, failed } = await nameSmall(this.client, batch)
    this.tally.files += count
    for (const { at, error } of failed) this.#missed(error, shownIn(nth(names, at)))
  }

  /** @throws what is not about one file alone */
  #missed(error: Error, shown: string): void {
    if (isOfAll(error)) throw stopped(error, shown)
    this.tally.miss(shown, because(error))
  }

  async #name({ handle, to, begun, into, name }: Written, through: boolean): Promise<void> {
    await this.client.finish(handle, to, through)
    try {
      await this.client.rename(begun, below(into.handle, name), !this.options.keep)
      this.tally.files++
    } catch (error) {
      await this.client.remove(begun).catch(() => undefined)
      if (errno(error) !== 'EEXIST' || !this.options.keep) throw error
      this.tally.kept++
    }
  }
}

/** One of names with a slash between them. */
function nth(names: string, at: number): string {
  return names.split('/')[at] ?? ''
}

/** `.NAME.docker-bash-XXXXXXXX`, no longer than a name may be. */
export function beside(name: string): string {
  const end = `.docker-bash-${randomBytes(4).toString('hex')}`
  return `.${name.slice(0, 254 - end.length)}${end}`
}
