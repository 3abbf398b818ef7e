import { errno } from '../errors'
import { below, block, type Handle } from '../sftp/client'
import { shownName } from '../text/byte-names'
import { likeness } from './likeness'
import type { TarHead } from './tar-format'
import { readTar, type TarEntry } from './tar-read'
import { placed } from './tar-sparse'
import type { Into, Writing } from './writing'

const bits = { file: 0o100000, folder: 0o040000, link: 0o120000, fifo: 0o010000, char: 0o020000, block: 0o060000 }

/**
 * Writes what is in a tar below a folder. Whoever wrote the tar is not believed: no name of it leads above the folder, and
 * none through a link.
 * @param rename the names on the way, each as it is to be; undefined leaves one out
 */
export async function unpack(
  stream: AsyncIterable<Buffer>,
  top: Handle,
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
  await writing.flush()
}

/** The names on a way, none of which leads up; undefined when one does. */
export function namesOf(path: string): string[] | undefined {
  const names = path.split('/').filter((name) => name !== '' && name !== '.')
  return names.includes('..') || names.some((name) => name.includes('\0')) ? undefined : names
}

class Unpacking {
  readonly #top: Handle
  readonly #writing: Writing
  /** Written since all had their names: one that comes again waits for that. */
  #recent = new Set<string>()

  constructor(top: Handle, writing: Writing) {
    this.#top = top
    this.#writing = writing
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
    if (this.#recent.has(key) || this.#recent.size > 1000) {
      await w.flush()
      this.#recent.clear()
    }
    this.#recent.add(key)
    const into: Into = { handle: [this.#top, ...names.slice(0, -1)].join('/'), names: names.slice(0, -1) }
    if (head.kind === 'folder') {
      return w.run(shown, async () => this.#folder(head, into, name))
    }
    if (head.kind === 'file' && head.size <= block) {
      const bytes = Buffer.concat(await all(body))
      return w.run(shown, () => this.#file(head, [bytes], into, name, shown))
    }
    // In its turn: what comes behind it in the stream is not there yet.
    await w.now(shown, () => this.#other(head, body, into, name, shown, rename))
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
    const path = () => this.#parents(into, () => w.client.lstat(below(into.handle, name)))
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
    const { handle, begun } = await this.#parents(into, () => w.begin(into, name))
    try {
      for await (const { at, bytes } of placed(body, head.sparse)) {
        for (let from = 0; from < bytes.length; from += block) {
          const part = bytes.subarray(from, from + block)
          await w.client.write(handle, at + from, part)
          w.tally.bytes += part.length
        }
      }
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

  async #folder(head: TarHead, into: Into, name: string): Promise<void> {
    const { client, options } = this.#writing
    const path = below(into.handle, name)
    const isNew = await this.#parents(into, async () => {
      try {
        await client.makeFolder(path, 0o700)
        return true
      } catch (error) {
        if (errno(error) !== 'EEXIST') throw error
        return false
      }
    })
    const handle = await client.openFolder(path)
    if (!isNew && !options.archive) return client.close(handle)
    const to = this.#likeness(head, bits.folder)
    this.#writing.folder(async () => {
      // Refused: it may be another user's.
      await client.setFolderStat(handle, to).catch(() => undefined)
      await client.close(handle)
    })
  }

  #likeness(head: TarHead, kind: number) {
    const { mode, uid, gid, mtime } = head
    return likeness({ mode: mode | kind, uid, gid, atime: mtime, mtime }, this.#writing.options)
  }

  /** Does something in a folder, whose own are made first where an archive does not name them. */
  async #parents<T>({ handle }: Into, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw error
      const [top = '', ...names] = handle.split('/')
      for (const count of names.keys()) {
        const path = below(top, ...names.slice(0, count + 1))
        await this.#writing.client.makeFolder(path, 0o755).catch((cause: unknown) => {
          if (errno(cause) !== 'EEXIST') throw cause
        })
      }
      return work()
    }
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
