import { errno } from '../errors'
import { below, type Entry, type Handle, type SftpClient } from '../sftp/client'
import { type Attributes, kindOf } from '../sftp/packet'
import { SftpError } from '../sftp/requests'
import { type Likeness, type Portion, portion } from '../sftp/small-files'
import { shownName } from '../text/byte-names'
import { isSmall } from './batches'
import { copyAttributes } from './extended-attributes'
import { Items, keyOf } from './items'
import { KernelFiles } from './kernel-files'
import { likeness, likenessOfAll } from './likeness'
import { Passage } from './passage'
import { because } from './stopped'
import { fewFiles, type Into, mostPackets, type Writing } from './writing'

/** Copies a tree from one server of files to another that it is joined to. */
export class TreeCopy {
  readonly #from: SftpClient
  readonly #writing: Writing
  readonly #abort: AbortSignal
  readonly #passage: Passage
  readonly #items: Items
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
    this.#items = new Items(from, writing, this.#passage)
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
        return w.run(shown, () => this.#items.file(path, attributes, into, as, shown))
      case 'link':
        return w.run(shown, () => this.#items.link(path, attributes, into, as))
      case 'socket':
        return w.tally.miss(shown, 'a socket: it is of no use elsewhere')
      default:
        if (!w.options.archive) {
          return w.tally.miss(shown, `a ${kindOf(attributes) === 'fifo' ? 'FIFO' : 'device'}: copied with -a alone`)
        }
        return w.run(shown, () => this.#items.node(attributes, into, as))
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
      if (attributes) await this.#items.file(path, attributes, into, name, shown)
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

  #attributes(from: Handle, to: Handle): Promise<void> {
    return copyAttributes({ client: this.#from, handle: from }, { client: this.#writing.client, handle: to })
  }
}
