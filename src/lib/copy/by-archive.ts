import { Readable } from 'node:stream'
import { memoryMounts, statPath } from '../engine/archive'
import { DockerBashError } from '../errors'
import type { Kind } from '../sftp/packet'
import { byteName, shownName } from '../text/byte-names'
import { type ArchiveOf, apiPath, tarOf } from './archive-tar'
import type { Look } from './landing'
import { gathered } from './own-file'
import type { KeptNames } from './pack'
import { linked, split } from './paths'
import type { CopyOptions, Tally } from './tally'
import { padding, type TarHead } from './tar-format'
import { readTar } from './tar-read'
import { filled } from './tar-sparse'
import { tarEnd, writeHead } from './tar-write'
import { namesOf } from './unpack'

export function lookByArchive(of: ArchiveOf): Look {
  const { engine, id } = of
  const at = async (path: string) => {
    const found = await statPath(engine, id, apiPath(path))
    return found && { kind: kinds[found.kind], size: found.size, to: found.leadsTo }
  }
  /** What the engine says in JSON, which has no bytes but those of UTF-8. */
  const isWhole = (to: string | undefined) => to !== undefined && !to.includes('\ufffd')
  const look: Look = {
    lstat: at,
    stat: async (path) => {
      const found = await at(path)
      if (found?.kind !== 'link') return found
      return at(isWhole(found.to) ? byteName(found.to ?? '') : await realPath(look, path))
    },
    readLink: async (path) => {
      const to = (await at(path))?.to
      if (isWhole(to)) return byteName(to ?? '')
      let own = ''
      for await (const { head } of readTar(await tarOf(of, path))) own = head.to
      return own
    },
  }
  return look
}

const kinds: Readonly<Record<'file' | 'folder' | 'link' | 'other', Kind>> = {
  ...{ file: 'file', folder: 'folder', link: 'link', other: 'device' },
}

/**
 * The path by which the engine has a folder, or what has a name in one: the links on the way followed.
 * @throws DockerBashError for what is in memory: the engine would read and write below it, where nobody sees it
 */
export async function onDisk(of: ArchiveOf, path: string, isFolder: boolean): Promise<string> {
  const look = lookByArchive(of)
  const { folder, name } = split(path)
  const above = isFolder ? '' : (await realPath(look, folder)).replace(/\/$/, '')
  const real = isFolder ? await realPath(look, path) : `${above}/${name}`
  const mounts = (await memoryMounts(of.engine, of.id)).map(byteName)
  const over = mounts.find((mount) => real === mount || real.startsWith(`${mount}/`))
  if (over === undefined) return real
  throw new DockerBashError(
    `${of.name}:${shownName(path)}: ${over} is in memory there, and the engine’s archives do not see it`,
    {
      hint: 'as root on the engine’s host, of a container that runs, it goes by another way',
    },
  )
}

/** With every link on the way followed; what is not there is as it is. */
export async function realPath(look: Look, path: string): Promise<string> {
  let names = path.split('/')
  let at = ''
  for (let links = 0; names.length > 0; ) {
    const [name = '', ...rest] = names
    names = rest
    if (name === '' || name === '.') continue
    if (name === '..') {
      at = at.slice(0, Math.max(0, at.lastIndexOf('/')))
      continue
    }
    const next = `${at}/${name}`
    const found = await look.lstat(next)
    if (found?.kind !== 'link') {
      at = next
      continue
    }
    if (++links > 100) throw new DockerBashError(`${shownName(path)}: too many links`, {})
    names = [...linked(next, await look.readLink(next)).split('/'), ...names]
    at = ''
  }
  return at || '/'
}

/** A tar with other names and owners, as it comes; of what is plain, and leads nowhere else. */
export async function* rewritten(
  stream: AsyncIterable<Buffer>,
  rename: (names: readonly string[]) => readonly string[] | undefined,
  { options, tally, kept }: { options: CopyOptions; tally: Tally; kept?: KeptNames | undefined },
): AsyncGenerator<Buffer> {
  /** Of files that are not in it, since something has their name: no other name is for them. */
  const left = new Set<string>()
  for await (const { head, body } of readTar(stream)) {
    const names = namesOf(head.name)
    const renamed = names && rename(names)
    if (!names) tally.miss(shownName(head.name), 'it leads above the folder')
    if (!renamed || renamed.length === 0) continue
    const linkNames = head.kind === 'hardlink' ? namesOf(head.to) : undefined
    const to = linkNames && rename(linkNames)
    if (refused(head, options) || (head.kind === 'hardlink' && !to)) {
      tally.miss(shownName(head.name), 'a kind of file that is not copied so')
      continue
    }
    if (to && left.has(to.join('/'))) {
      tally.miss(shownName(head.name), 'its other name was kept')
      continue
    }
    if (await kept?.has(renamed.join('/'), head.kind === 'folder')) {
      left.add(renamed.join('/'))
      continue
    }
    const size = head.sparse?.size ?? head.size
    yield writeHead(
      likened(
        { ...head, size, name: renamed.join('/') + (head.kind === 'folder' ? '/' : ''), to: to?.join('/') ?? head.to },
        options,
      ),
    )
    for await (const bytes of filled(body, head.sparse)) {
      tally.bytes += bytes.length
      yield bytes
    }
    yield Buffer.alloc(padding(size))
    if (head.kind !== 'folder') tally.files++
  }
  yield tarEnd
}

function refused({ kind }: TarHead, { archive }: CopyOptions): boolean {
  return !archive && (kind === 'fifo' || kind === 'char' || kind === 'block')
}

function likened(head: TarHead, { archive, owner, mode }: CopyOptions): TarHead {
  const given = mode === undefined ? head.mode & (archive ? 0o7777 : 0o1777) : mode
  return {
    ...head,
    ...(owner ?? {}),
    mode: mode !== undefined && head.kind === 'folder' ? given | ((given & 0o444) >> 2) : given,
    attributes: archive ? head.attributes : [],
  }
}

/** For the engine. */
export function asReadable(chunks: AsyncIterable<Buffer>): Readable {
  return Readable.from(gathered(chunks), { objectMode: false, highWaterMark: 1024 * 1024 })
}
