import { below, block, type Entry, type Handle, type SftpClient } from '../sftp/client'
import { type Attributes, kindOf } from '../sftp/packet'
import { portion, readSmall } from '../sftp/small-files'
import { shownName } from '../text/byte-names'
import { inBatches } from './batches'
import { KernelFiles } from './kernel-files'
import type { Source } from './landing'
import { ownBytes, ownFile } from './own-file'
import { split } from './paths'
import { because } from './stopped'
import type { Tally } from './tally'
import { padding, type TarHead, type TarKind } from './tar-format'
import { tarEnd, writeHead } from './tar-write'

/** How a tar is to be made. */
export interface Packing {
  /** Devices and extended attributes, too, and all of the mode. */
  readonly archive: boolean
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  readonly mode?: number | undefined
  /** What is there stays, and is not in it. */
  readonly kept?: KeptNames | undefined
  /** The files are ours: large ones are read without their server. */
  readonly own?: boolean
}

/** Says whether something is there already that is to stay. */
export interface KeptNames {
  has(name: string, isFolder: boolean): Promise<boolean>
}

/**
 * A tar of sources, as it is read.
 * @param name what stands in front of the names: that of the source, or none for the contents of a folder
 */
export async function* pack(
  from: SftpClient,
  sources: readonly { readonly source: Source; readonly name: string | undefined }[],
  packing: Packing,
  tally: Tally,
): AsyncGenerator<Buffer> {
  for (const { source, name } of sources) {
    const packer = new Packer(from, packing, tally)
    if (source.kind === 'folder') {
      const handle = await from.openFolder(source.path)
      const attributes = await from.fstat(handle)
      await packer.begins(handle, attributes)
      yield* packer.folder(handle, attributes, { as: name ?? '', shown: source.word, path: source.path })
    } else {
      const at = split(source.path)
      const folder = await from.openFolder(at.folder)
      const attributes = await from.lstat(below(folder, at.name))
      const named = { as: name ?? at.name, shown: source.word, path: source.path }
      if (attributes) yield* packer.item(folder, { name: at.name, attributes }, named)
      else tally.miss(source.word, 'it has gone meanwhile')
      await from.close(folder)
    }
  }
  yield tarEnd
}

const kinds: Partial<Record<ReturnType<typeof kindOf>, TarKind>> = {
  file: 'file',
  folder: 'folder',
  link: 'link',
  fifo: 'fifo',
}

/** What is packed: under which name, as people see it, and where it is for us. */
interface Named {
  readonly as: string
  readonly shown: string
  readonly path: string
}

class Packer {
  readonly #from: SftpClient
  readonly #packing: Packing
  readonly #tally: Tally
  readonly #kernels: KernelFiles
  /** The first name of each file that has several. */
  readonly #named = new Map<string, string>()

  constructor(from: SftpClient, packing: Packing, tally: Tally) {
    this.#from = from
    this.#packing = packing
    this.#kernels = new KernelFiles(from)
    this.#tally = tally
  }

  /** With the folder that was named. */
  async begins(named: Handle, { device }: Attributes): Promise<void> {
    await this.#kernels.has(named, device)
  }

  async *folder(handle: Handle, attributes: Attributes, { as, shown, path }: Named): AsyncGenerator<Buffer> {
    // The folder whose contents are meant is not in it.
    if (as !== '' && !(await this.#packing.kept?.has(as, true)))
      yield writeHead(await this.#head(attributes, `${as}/`, 'folder', handle))
    const isKernels = await this.#kernels.has(handle, attributes.device)
    const named = (name: string): Named => ({
      as: as === '' ? name : `${as}/${name}`,
      shown: `${shown.replace(/\/$/, '')}/${shownName(name)}`,
      path: `${path}/${name}`,
    })
    for (let isMore = !isKernels; isMore; ) {
      const next = await portion(this.#from, handle)
      isMore = next.isMore
      const { single, batches } = this.#packing.kept ? { single: next.entries, batches: [] } : inBatches(next.entries)
      yield* this.#small(handle, batches, named)
      for (const entry of single) yield* this.item(handle, entry, named(entry.name))
    }
    await this.#from.close(handle)
  }

  /** Small files, many in an answer, and the next ones asked for meanwhile. */
  async *#small(folder: Handle, batches: readonly Entry[][], named: (name: string) => Named): AsyncGenerator<Buffer> {
    const read = (batch: readonly Entry[] | undefined) => {
      if (!batch || batch.length === 0) return undefined
      const names = batch.map(({ name }) => name)
      const files = readSmall(this.#from, folder, names, this.#packing.archive)
      files.catch(() => undefined)
      return { batch, files }
    }
    const left = [...batches]
    for (let next = read(left.shift()); next; ) {
      const { batch } = next
      const files = await next.files
      const rest = batch.slice(files.length)
      next = read(rest.length > 0 ? rest : left.shift())
      for (const [at, file] of files.entries()) {
        const entry = batch[at] as Entry
        if (file) {
          const head = await this.#head(file.attributes, named(entry.name).as, 'file')
          const size = file.bytes.length
          yield Buffer.concat([writeHead({ ...head, size }), file.bytes, Buffer.alloc(padding(size))])
          this.#tally.bytes += size
          this.#tally.files++
        } else yield* this.item(folder, entry, named(entry.name))
      }
    }
  }

  async *item(folder: Handle, { name, attributes }: Entry, named: Named): AsyncGenerator<Buffer> {
    const { as, shown } = named
    const kind = kindOf(attributes)
    const path = below(folder, name)
    if (kind === 'socket') return this.#tally.miss(shown, 'a socket: it is of no use elsewhere')
    if ((kind === 'fifo' || kind === 'device') && !this.#packing.archive) {
      return this.#tally.miss(shown, `a ${kind === 'fifo' ? 'FIFO' : 'device'}: copied with -a alone`)
    }
    try {
      if (kind === 'folder') {
        const handle = await this.#from.openFolder(path)
        return yield* this.folder(handle, await this.#from.fstat(handle), named)
      }
      if (await this.#packing.kept?.has(as, false)) return
      if (kind === 'file') return yield* this.#file(path, named)
      const to = kind === 'link' ? await this.#from.readLink(path) : ''
      const type = kinds[kind] ?? ((attributes.mode & 0o170000) === 0o060000 ? 'block' : 'char')
      yield writeHead({ ...(await this.#head(attributes, as, type)), to })
      this.#tally.files++
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error
      this.#tally.miss(shown, because(error))
    }
  }

  async *#file(path: string, { as, path: own }: Named): AsyncGenerator<Buffer> {
    const handle = await this.#from.open(path, 'read')
    try {
      const attributes = await this.#from.fstat(handle)
      const key = `${attributes.device}:${attributes.inode}`
      const first = attributes.links > 1 ? this.#named.get(key) : undefined
      if (first !== undefined) {
        yield writeHead({ ...(await this.#head(attributes, as, 'hardlink')), to: first })
      } else {
        if (attributes.links > 1) this.#named.set(key, as)
        yield writeHead({ ...(await this.#head(attributes, as, 'file', handle)), size: attributes.size })
        yield* this.#bytes(handle, attributes, own)
        yield Buffer.alloc(padding(attributes.size))
      }
      this.#tally.files++
    } finally {
      await this.#from.close(handle).catch(() => undefined)
    }
  }

  /** Exactly as many as were announced: a file that got shorter meanwhile ends with zeros. */
  async *#bytes(handle: Handle, attributes: Attributes, path: string): AsyncGenerator<Buffer> {
    const { size } = attributes
    const file = this.#packing.own && size > block ? await ownFile(path, attributes, 'read') : undefined
    if (file) {
      try {
        for await (const bytes of ownBytes(file, size)) {
          yield bytes
          this.#tally.bytes += bytes.length
        }
      } finally {
        await file.close()
      }
      return
    }
    const ahead: Promise<Buffer | undefined>[] = []
    let asked = 0
    for (let at = 0; at < size; ) {
      for (; ahead.length < 8 && asked < size; asked += block) {
        const reading = this.#from.read(handle, asked, Math.min(block, size - asked))
        reading.catch(() => undefined)
        ahead.push(reading)
      }
      const wanted = Math.min(block, size - at)
      const bytes = (await ahead.shift()) ?? Buffer.alloc(0)
      yield bytes.length === wanted ? bytes : Buffer.concat([bytes, Buffer.alloc(wanted - bytes.length)])
      at += wanted
      this.#tally.bytes += wanted
    }
  }

  async #head(of: Attributes, name: string, kind: TarKind, handle?: Handle): Promise<TarHead> {
    const { archive, owner, mode } = this.#packing
    const attributes = archive && handle !== undefined ? await this.#from.attributesOf(handle) : []
    const { uid, gid } = owner ?? of
    const isFolder = kind === 'folder'
    const given =
      mode === undefined ? of.mode & (archive ? 0o7777 : 0o1777) : isFolder ? mode | ((mode & 0o444) >> 2) : mode
    const minor = Number((of.madeFor & 0xffn) | ((of.madeFor >> 12n) & ~0xffn & 0xffffffffn))
    const device = [Number((of.madeFor >> 8n) & 0xfffn), minor] as const
    return { name, kind, mode: given, uid, gid, size: 0, mtime: of.mtime, to: '', device, attributes }
  }
}
