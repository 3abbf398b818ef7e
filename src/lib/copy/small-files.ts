import { below } from '../sftp/client'
import type { Wanted } from '../sftp/packet'
import { makeSmall } from '../sftp/small-files'
import type { MadeFolders } from './made-folders'
import { type Into, mostPackets, type Writing } from './writing'

/** Of so many bytes and files they are made together. */
const most = { bytes: 128 * 1024, files: 128 }

interface Waiting {
  readonly into: Into
  readonly files: { readonly name: string; readonly to: Wanted; readonly bytes: Buffer }[]
  readonly shown: Map<string, string>
  size: number
}

/** The small files of a tar, which are made many at a time: those of one folder that come one after the other. */
export class SmallFiles {
  readonly #writing: Writing
  readonly #folders: MadeFolders
  #waiting: Waiting | undefined

  constructor(writing: Writing, folders: MadeFolders) {
    this.#writing = writing
    this.#folders = folders
  }

  async add(file: Waiting['files'][number], into: Into, shown: string): Promise<void> {
    const { size = 0, files = [] } = this.#waiting ?? {}
    const isFull = size + file.bytes.length > most.bytes || files.length >= most.files
    if (this.#waiting && (isFull || this.#waiting.into.handle !== into.handle)) await this.make()
    this.#waiting ??= { into, files: [], shown: new Map(), size: 0 }
    this.#waiting.files.push(file)
    this.#waiting.shown.set(file.name, shown)
    this.#waiting.size += file.bytes.length
  }

  /** Makes those that wait. */
  async make(): Promise<void> {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (!waiting) return
    await this.#writing.run([...waiting.shown.values()][0] ?? '', () => this.#made(waiting), mostPackets)
  }

  async #made({ into, files, shown }: Waiting): Promise<void> {
    const w = this.#writing
    const handle = await this.#folders.within(into, () => w.client.openFolder(below(w.top, ...into.names)))
    w.folder(() => w.client.close(handle))
    const batch = w.batch()
    const names = files.map(({ name }) => name).join('/')
    w.small(batch, names, await makeSmall(w.client, handle, batch, files), shownBy(shown))
  }
}

/** A function apart: it lives until the files have their names, and so would all that is in scope here, as their bytes. */
function shownBy(shown: ReadonlyMap<string, string>): (name: string) => string {
  return (name) => shown.get(name) ?? name
}
