import { errno } from '../errors'
import { below, type Handle, type SftpClient } from '../sftp/client'
import type { Attributes, Wanted } from '../sftp/packet'
import { copyAttributes } from './extended-attributes'
import { likeness } from './likeness'
import type { Passage } from './passage'
import { because } from './stopped'
import type { Into, Writing } from './writing'

/** Copies what is no folder, one at a time, from one server of files to another that it is joined to. */
export class Items {
  readonly #from: SftpClient
  readonly #writing: Writing
  readonly #passage: Passage
  /** The first name of each file that has several: device and inode. */
  readonly #named = new Map<string, readonly string[]>()

  constructor(from: SftpClient, writing: Writing, passage: Passage) {
    this.#from = from
    this.#writing = writing
    this.#passage = passage
  }

  async file(path: string, attributes: Attributes, into: Into, name: string, shown: string): Promise<void> {
    const w = this.#writing
    if (await w.keeps(into, name)) return
    if (attributes.links > 1) {
      const first = this.#named.get(keyOf(attributes))
      if (first) return w.link(() => this.#again(first, into, name, shown))
      this.#named.set(keyOf(attributes), [...into.names, name])
    }
    const from = await this.#from.open(path, 'read')
    try {
      const { handle, begun } = await w.begin(into, name)
      try {
        await this.#passage.take(from, handle, attributes.size)
        const to = likeness(attributes, w.options)
        w.finish({ handle, to: await this.#owned(from, handle, to), begun, into, name, shown })
      } catch (error) {
        await w.drop(handle, begun)
        throw error
      }
    } finally {
      this.#from.close(from).catch(() => undefined)
    }
  }

  /** With its extended attributes: behind its owner, since a change of that takes a file's capabilities away. */
  async #owned(from: Handle, to: Handle, { owner, mode, times }: Wanted): Promise<Wanted> {
    const likeness = { owner, ...(mode !== undefined && { mode }) }
    if (!this.#writing.options.archive) return { ...likeness, ...(times && { times }) }
    await this.#writing.client.setFolderStat(to, likeness)
    await copyAttributes({ client: this.#from, handle: from }, { client: this.#writing.client, handle: to })
    return times ? { times } : {}
  }

  /** One more name for a file that has been copied. */
  async #again(first: readonly string[], into: Into, name: string, shown: string): Promise<void> {
    const w = this.#writing
    try {
      await w.place(into, name, (path) => w.client.hardLink(below(w.top, ...first), path))
    } catch (error) {
      if (errno(error) === undefined) throw error
      w.tally.miss(shown, because(error))
    }
  }

  async link(path: string, attributes: Attributes, into: Into, name: string): Promise<void> {
    const w = this.#writing
    if (await w.keeps(into, name)) return
    const to = await this.#from.readLink(path)
    const { owner, times } = likeness(attributes, w.options)
    await w.place(into, name, async (at) => {
      await w.client.makeLink(at, to)
      await w.client.setStat(at, { owner, ...(times && { times }) })
    })
  }

  async node(attributes: Attributes, into: Into, name: string): Promise<void> {
    const w = this.#writing
    if (await w.keeps(into, name)) return
    const { owner, times } = likeness(attributes, w.options)
    await w.place(into, name, async (at) => {
      await w.client.makeNode(at, attributes.mode, attributes.madeFor)
      await w.client.setStat(at, { owner, ...(times && { times }) })
    })
  }
}

/** Which file it is, whatever its names. */
export function keyOf({ device, inode }: Pick<Attributes, 'device' | 'inode'>): string {
  return `${device}:${inode}`
}
