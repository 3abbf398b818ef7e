import { below, block, type Handle } from '../sftp/client'
import { largestSmall } from '../sftp/small-files'
import { shownName } from '../text/byte-names'
import { likeness } from './likeness'
import { MadeFolders } from './made-folders'
import { SmallFiles } from './small-files'
import type { TarHead } from './tar-format'
import { readTar, type TarEntry } from './tar-read'
import { placed } from './tar-sparse'
import { writePieces } from './write-pieces'
import type { Into, Writing } from './writing'

const bits = { file: 0o100000, folder: 0o040000, link: 0o120000, fifo: 0o010000, char: 0o020000, block: 0o060000 }

/** The folder that a tar goes into; its path, where the files are ours. */
export interface Top {
  readonly handle: Handle
  readonly own?: string | undefined
}

/**
 * Writes what is in a tar below a folder. Whoever wrote the tar is not believed: no name of it leads above the folder, and
 * none through a link.
 * @param rename the names on the way, each as it is to be; undefined leaves one out
 */
export async function unpack(
  stream: AsyncIterable<Buffer>,
  top: Top,
  writing: Writing,
  abort: AbortSignal,
  rename: (names: readonly string[]) => readonly string[] | undefined = (names) => names,
): Promise<void> {
  const unpacking = new Unpacking(top, writing)
  for await (const entry of readTar(stream)) {
    abort.throwIfAborted()
    const names = namesOf(entry.head.name)
    const renamed = names && rename(names)
    const shown = shownName(entry.head.name)
    if (names && !renamed) continue
    if (renamed) await unpacking.entry(entry, renamed, shown, rename)
    else writing.tally.miss(shown, 'it leads above the folder')
  }
  await unpacking.end()
}

/** The names on a way, none of which leads up; undefined when one does. */
export function namesOf(path: string): string[] | undefined {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  return names.includes('..') || names.some((name) => name.includes('\0')) ? undefined : names
}

/** So many names are remembered. */
const mostRecent = 32_768

class Unpacking {
  readonly #top: Handle
  readonly #own: string | undefined
  readonly #writing: Writing
  /** Written since all had their names: one that comes again waits for that. */
  #recent = new Set<string>()
  readonly #small: SmallFiles
  readonly #folders: MadeFolders

  constructor({ handle, own }: Top, writing: Writing) {
    this.#top = handle
    this.#own = own
    this.#writing = writing
    this.#folders = new MadeFolders(writing.client)
    this.#small = new SmallFiles(writing, this.#folders)
  }

  /** Everything gets its name, and each folder what it is to be like. */
  async end(): Promise<void> {
    await this.#small.make()
    await this.#writing.flush()
    await this.#folders.end()
  }

  async entry(
    { head, body }: TarEntry,
    names: readonly string[],
    shown: string,
    rename: (names: readonly string[]) => readonly string[] | undefined,
  ): Promise<void> {
    const w = this.#writing
    const name = names.at(-1)
    // The folder itself.
    if (name === undefined) return
    const key = names.join('/')
    if (this.#recent.has(key) || this.#recent.size > mostRecent) {
      await this.#small.make()
      await w.flush()
      this.#recent.clear()
    }
    this.#recent.add(key)
    const into: Into = { handle: [this.#top, ...names.slice(0, -1)].join('/'), names: names.slice(0, -1) }
    if (head.kind === 'folder') {
      const to = this.#likeness(head, bits.folder)
      return w.run(shown, () => this.#folders.make(into, name, to, w.options.archive))
    }
    if (this.#isSmall(head)) {
      const bytes = Buffer.concat(await all(body))
      return this.#small.add({ name, to: this.#likeness(head, bits.file), bytes }, into, shown)
    }
    if (head.kind === 'file' && head.size <= block) {
      const bytes = Buffer.concat(await all(body))
      return w.run(shown, () => this.#file(head, [bytes], into, name, shown))
    }
    // In its turn: what comes behind it in the stream is not there yet.
    await w.now(shown, () => this.#other(head, body, into, name, shown, rename))
  }

  #isSmall({ kind, size, sparse, attributes }: TarHead): boolean {
    const { archive, keep } = this.#writing.options
    return kind === 'file' && size <= largestSmall && !sparse && !keep && !(archive && attributes.length > 0)
  }

  async #other(
    head: TarHead,
    body: AsyncIterable<Buffer>,
    into: Into,
    name: string,
    shown: string,
    rename: (names: readonly string[]) => readonly string[] | undefined,
  ): Promise<void> {
    const w = this.#writing
    const path = () => this.#folders.within(into, () => w.client.lstat(below(into.handle, name)))
    switch (head.kind) {
      case 'file':
        return this.#file(head, body, into, name, shown)
      case 'hardlink': {
        const names = namesOf(head.to)
        const to = names && rename(names)
        if (!to || to.length === 0) return w.tally.miss(shown, 'it is a name of what leads above the folder')
        return w.link(async () => {
          await w.now(shown, async () => {
            await path()
            await w.place(into, name, (at) => w.client.hardLink(below(this.#top, ...to), at))
          })
        })
      }
      case 'link':
      case 'fifo':
      case 'char':
      case 'block': {
        if (head.kind !== 'link' && !w.options.archive) {
          return w.tally.miss(shown, `a ${head.kind === 'fifo' ? 'FIFO' : 'device'}: copied with -a alone`)
        }
        await path()
        if (await w.keeps(into, name)) return
        const { owner, times } = this.#likeness(head, bits[head.kind])
        return w.place(into, name, async (at) => {
          if (head.kind === 'link') await w.client.makeLink(at, head.to)
          else await w.client.makeNode(at, head.mode | (bits[head.kind as 'fifo'] ?? 0), deviceOf(head.device))
          await w.client.setStat(at, { owner, ...(times && { times }) })
        })
      }
      default:
        w.tally.miss(shown, 'a kind of entry that is not known here')
    }
  }

  async #file(
    head: TarHead,
    body: AsyncIterable<Buffer> | Iterable<Buffer>,
    into: Into,
    name: string,
    shown: string,
  ): Promise<void> {
    const w = this.#writing
    if (await w.keeps(into, name).catch(() => false)) return
    const { handle, begun } = await this.#folders.within(into, () => w.begin(into, name))
    try {
      const beside = begun.slice(begun.lastIndexOf('/') + 1)
      const own = this.#own === undefined ? undefined : [this.#own, ...into.names, beside].join('/')
      await writePieces(w, { handle, own }, placed(body, head.sparse), head.size)
      if (head.sparse) await w.client.setFolderStat(handle, { size: head.sparse.size })
      const { owner, mode, times } = this.#likeness(head, bits.file)
      if (w.options.archive && head.attributes.length > 0) {
        await w.client.setFolderStat(handle, { owner, ...(mode !== undefined && { mode }) })
        for (const [key, value] of head.attributes) {
          await w.client.setAttribute(handle, key, value).catch(() => undefined)
        }
        w.finish({ handle, to: times ? { times } : {}, begun, into, name, shown })
      } else {
        w.finish({
          handle,
          to: { owner, ...(mode !== undefined && { mode }), ...(times && { times }) },
          begun,
          into,
          name,
          shown,
        })
      }
    } catch (error) {
      await w.drop(handle, begun)
      throw error
    }
  }

  #likeness(head: TarHead, kind: number) {
    const { mode, uid, gid, mtime } = head
    return likeness({ mode: mode | kind, uid, gid, atime: mtime, mtime }, this.#writing.options)
  }
}

/** As stat(2) has it: makedev(3). */
function deviceOf([major, minor]: readonly [number, number]): bigint {
  return (BigInt(major & 0xfff) << 8n) | BigInt(minor & 0xff) | (BigInt(minor & ~0xff) << 12n)
}

async function all(body: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return chunks
}
