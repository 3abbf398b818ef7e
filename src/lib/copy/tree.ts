import { errno } from '../errors'
import { below, type Entry, type Handle, type SftpClient } from '../sftp/client'
import { type Attributes, kindOf, type Wanted } from '../sftp/packet'
import { SftpError } from '../sftp/requests'
import { type Likeness, type Portion, portion } from '../sftp/small-files'
import { shownName } from '../text/byte-names'
import { isSmall } from './batches'
import { copyAttributes } from './extended-attributes'
import { KernelFiles } from './kernel-files'
import { likeness, likenessOfAll } from './likeness'
import { Passage } from './passage'
import { because, fewFiles, type Into, mostPackets, type Writing } from './writing'

/** Copies a tree from one server of files to another that it is joined to. */
export class TreeCopy {
  readonly #from: SftpClient
  readonly #writing: Writing
  readonly #abort: AbortSignal
  /** The first name of each file that has several: device and inode. */
  readonly #named = new Map<string, readonly string[]>()
  readonly #passage: Passage
  /** Of so many small files each goes through to the disk by itself. */
  #few = fewFiles
  readonly #kernels: KernelFiles
  readonly #own: string
  readonly #likeAll: Likeness

  /** @param own the folder that all goes into, which is not copied into itself */
  constructor(from: SftpClient, writing: Writing, abort: AbortSignal, own: Attributes) {
    this.#own = keyOf(own)
    this.#from = from
    this.#writing = writing
    this.#likeAll = likenessOfAll(writing.options)
    this.#abort = abort
    this.#kernels = new KernelFiles(from)
    this.#passage = new Passage(from, writing.client, writing.tally, abort)
  }

  /** What has a name in a folder of theirs, under another one of ours. */
  async item(from: Handle, { name, attributes }: Entry, into: Into, as: string, shown: string): Promise<void> {
    this.#abort.throwIfAborted()
    const w = this.#writing
    const path = below(from, name)
    switch (kindOf(attributes)) {
      case 'folder':
        return this.folder(path, into, as, shown)
      case 'file':
        return w.run(shown, () => this.#file(path, attributes, into, as, shown))
      case 'link':
        return w.run(shown, () => this.#link(path, attributes, into, as))
      case 'socket':
        return w.tally.miss(shown, 'a socket: it is of no use elsewhere')
      default:
        if (!w.options.archive) {
          return w.tally.miss(shown, `a ${kindOf(attributes) === 'fifo' ? 'FIFO' : 'device'}: copied with -a alone`)
        }
        return w.run(shown, () => this.#node(attributes, into, as))
    }
  }

  /** @param named the folder whose contents are meant */
  async begins(named: Handle): Promise<void> {
    await this.#kernels.has(named, (await this.#from.fstat(named)).device)
  }

  /** All that is in a folder. */
  async contents(from: Handle, into: Into, shown: string): Promise<void> {
    const w = this.#writing
    const shownIn = (name: string) => `${shown.replace(/\/$/, '')}/${shownName(name)}`
    for (let isMore = true; isMore; ) {
      this.#abort.throwIfAborted()
      const next = await (w.options.keep ? portion(this.#from, from) : this.#together(from, into, shown, shownIn))
      for (const entry of next.entries) await this.item(from, entry, into, entry.name, shownIn(entry.name))
      isMore = next.isMore
    }
  }

  /** The next small files, with a question of each server for all of them. @returns what else there was on the way */
  async #together(from: Handle, into: Into, shown: string, shownIn: (name: string) => string): Promise<Portion> {
    const w = this.#writing
    const batch = w.batch()
    const asked = { bare: w.options.archive, few: this.#few }
    const { sent, made } = this.#passage.small(from, asked, into.handle, batch, this.#likeAll)
    const { names, entries, isMore } = await sent
    this.#few = names === '' ? Math.max(0, this.#few - entries.filter(isSmall).length) : 0
    const work = async () => {
      for (const name of w.small(batch, names, await made, shownIn)) await this.#alone(from, name, into, shownIn(name))
    }
    await w.run(shown, work, mostPackets)
    return { entries, isMore }
  }

  /** One that was not sent with the others. */
  async #alone(from: Handle, name: string, into: Into, shown: string): Promise<void> {
    const w = this.#writing
    const path = below(from, name)
    await w.now(shown, async () => {
      const attributes = await this.#from.lstat(path)
      if (attributes) await this.#file(path, attributes, into, name, shown)
      else w.tally.miss(shown, 'it has gone meanwhile')
    })
  }

  /** @param path of a folder, or of what leads to one */
  async folder(path: string, into: Into, as: string, shown: string): Promise<void> {
    const w = this.#writing
    const { client } = w
    let from: Handle | undefined
    let handle: Handle | undefined
    try {
      from = await this.#from.openFolder(path)
      const attributes = await this.#from.fstat(from)
      if (keyOf(attributes) === this.#own) return w.tally.miss(shown, 'it is what is copied into')
      const isNew = await this.#made(into, as)
      handle = await client.openFolder(below(into.handle, as))
      const isKernels = await this.#kernels.has(from, attributes.device)
      if (!isKernels) await this.contents(from, { handle, names: [...into.names, as] }, shown)
      const ends = [from, handle] as const
      if (isNew || w.options.archive) await this.#dressed(ends, attributes, shown)
      else w.folder(() => this.#closed(ends))
      // What is in it may be still to be opened.
      from = undefined
    } catch (error) {
      if (!(error instanceof SftpError)) throw error
      w.tally.miss(shown, errno(error) === 'ENOTDIR' ? 'what has that name there is not a folder' : because(error))
      if (handle) await client.close(handle).catch(() => undefined)
    } finally {
      if (from) await this.#from.close(from)
    }
  }

  /** The folder is as it is to be once all that is in it has its name. */
  async #dressed(ends: readonly [Handle, Handle], attributes: Attributes, shown: string): Promise<void> {
    const w = this.#writing
    const [from, handle] = ends
    const to = likeness(attributes, w.options)
    if (w.options.archive) {
      await w.client.setFolderStat(handle, { owner: to.owner })
      await this.#attributes(from, handle)
    }
    w.folder(async () => {
      try {
        await w.client.setFolderStat(handle, to)
      } catch (error) {
        w.tally.miss(shown, because(error))
      }
      await this.#closed(ends)
    })
  }

  async #closed([from, to]: readonly [Handle, Handle]): Promise<void> {
    await Promise.all([this.#from.close(from), this.#writing.client.close(to)])
  }

  /** @returns whether it was not there before */
  async #made({ handle }: Into, name: string): Promise<boolean> {
    try {
      await this.#writing.client.makeFolder(below(handle, name), 0o700)
      return true
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw error
      return false
    }
  }

  async #file(path: string, attributes: Attributes, into: Into, name: string, shown: string): Promise<void> {
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
    await this.#attributes(from, to)
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

  async #link(path: string, attributes: Attributes, into: Into, name: string): Promise<void> {
    const w = this.#writing
    if (await w.keeps(into, name)) return
    const to = await this.#from.readLink(path)
    const { owner, times } = likeness(attributes, w.options)
    await w.place(into, name, async (at) => {
      await w.client.makeLink(at, to)
      await w.client.setStat(at, { owner, ...(times && { times }) })
    })
  }

  async #node(attributes: Attributes, into: Into, name: string): Promise<void> {
    const w = this.#writing
    if (await w.keeps(into, name)) return
    const { owner, times } = likeness(attributes, w.options)
    await w.place(into, name, async (at) => {
      await w.client.makeNode(at, attributes.mode, attributes.madeFor)
      await w.client.setStat(at, { owner, ...(times && { times }) })
    })
  }

  #attributes(from: Handle, to: Handle): Promise<void> {
    return copyAttributes({ client: this.#from, handle: from }, { client: this.#writing.client, handle: to })
  }
}

function keyOf({ device, inode }: Attributes): string {
  return `${device}:${inode}`
}
