import { Kept } from '../../lib/copy/archive-names'
import { apiPath, tarOf } from '../../lib/copy/archive-tar'
import { asReadable, onDisk, rewritten } from '../../lib/copy/by-archive'
import { copyTree } from '../../lib/copy/copy'
import { type Landing, land, type Source } from '../../lib/copy/landing'
import { gathered } from '../../lib/copy/own-file'
import { pack } from '../../lib/copy/pack'
import { unpacked } from '../../lib/copy/packed'
import { split } from '../../lib/copy/paths'
import { spooled } from '../../lib/copy/spooled'
import type { CopyOptions, Tally } from '../../lib/copy/tally'
import { NotTar } from '../../lib/copy/tar-format'
import { unpack } from '../../lib/copy/unpack'
import type { Place } from '../../lib/copy/words'
import { Writing } from '../../lib/copy/writing'
import { putTar } from '../../lib/engine/archive'
import { DockerBashError, errno } from '../../lib/errors'
import { Sink } from '../../lib/session/sink'
import { ask } from '../../lib/target/inspect'
import type { End, Servers } from './ends'

export interface Job {
  /** Without a source: the tar on stdin. */
  readonly sources: readonly { readonly end: End; readonly source: Source | undefined }[]
  readonly to: { readonly place: Place; readonly end: End }
  readonly options: CopyOptions
  readonly tally: Tally
  readonly abort: AbortSignal
  readonly servers: Servers
}

/** How the names of a tar become those of what is written; undefined leaves one out. */
type Rename = (names: readonly string[]) => readonly string[] | undefined

export async function transfer(job: Job): Promise<void> {
  if (job.to.place.kind === 'stream') return toStream(job)
  const to = { ...job.to, place: job.to.place }
  // The server that looks is the one that writes.
  const first = job.sources.find(({ source, end }) => source && end.kind !== 'archive')
  if (first && to.end.kind !== 'archive') await job.servers.pair(first.end, to.end)
  const look = await job.servers.look(to.end)
  const many = job.sources.length > 1
  const landings: { end: End; source: Source | undefined; landing: Landing }[] = []
  for (const { end, source } of job.sources) {
    const from = source ?? { kind: 'folder' as const, name: undefined, word: 'a tar' }
    const place = { path: to.place.path, word: to.place.word, many: many || !source }
    landings.push({ end, source, landing: await land(look, from, place) })
  }
  for (const { end, source, landing } of landings) {
    if (!source) await fromStream(job, landing)
    else if (to.end.kind === 'archive') await toArchive(job, end, source, landing, to.end)
    else if (end.kind === 'archive') await fromArchive(job, end, source, landing)
    else {
      const [from, into] = await job.servers.pair(end, to.end)
      await copyTree(from.client, into.client, source, landing, job)
    }
  }
}

/** Into a folder that is there. */
async function fromStream(job: Job, landing: Landing): Promise<void> {
  // Not a stream of a file: a thread that waits for a pipe's bytes keeps us from ending.
  const stdin = process.stdin as AsyncIterable<Buffer>
  const { end } = job.to
  try {
    if (end.kind === 'archive') {
      const folder = await onDisk(end.archive, landing.path, true)
      const kept = keptIn(end, folder, job)
      const tar = rewritten(unpacked(stdin), (names) => names, { ...job, kept })
      return await put(end, folder, kept ? spooled(tar) : tar)
    }
    await unpackInto(job, unpacked(stdin), landing, (names) => names)
  } catch (error) {
    if (error instanceof NotTar)
      throw new DockerBashError(`what comes on stdin cannot be unpacked: ${error.message}`, {})
    const code = errno(error)
    if (code?.startsWith('Z_')) throw new DockerBashError('what comes on stdin is damaged', { cause: error })
    throw error
  }
}

async function fromArchive(
  job: Job,
  { archive }: End & { kind: 'archive' },
  source: Source,
  landing: Landing,
): Promise<void> {
  const path = await onDisk(archive, source.path, source.kind === 'folder')
  const tar = await ask(archive.engine, tarOf(archive, path))
  const rename = renaming(path, landing)
  const front = split(path).folder.length
  let isDeep = false
  await unpackInto(job, tar, landing, (names) => {
    isDeep ||= front + names.join('/').length > deep
    return rename(names)
  })
  if (isDeep) job.tally.miss(path, 'of paths near 4,096 bytes the engine leaves out what is below, and says nothing')
}

/** In bytes of a path in the container. The engine's own way to its root stands before it, and a name may come behind. */
const deep = 3500

async function unpackInto(job: Job, tar: AsyncIterable<Buffer>, landing: Landing, rename: Rename): Promise<void> {
  const { client } = await job.servers.one(job.to.end)
  const path = landing.merge === 'into' ? landing.path : split(landing.path).folder
  const handle = await client.openFolder(path)
  const writing = new Writing(client, handle, job.options, job.tally)
  const own = job.to.end.kind === 'here' ? path : undefined
  await unpack(tar, { handle, own }, writing, job.abort, rename)
}

/** The engine's tars begin with the name of what was asked for. */
function renaming(path: string, landing: Landing): Rename {
  const isRoot = path === '/'
  const front = landing.merge === 'into' ? [] : [split(landing.path).name]
  return (names) => [...front, ...(isRoot ? names : names.slice(1))]
}

async function toArchive(
  job: Job,
  from: End,
  source: Source,
  landing: Landing,
  to: End & { kind: 'archive' },
): Promise<void> {
  const folder = await onDisk(to.archive, landing.merge === 'into' ? landing.path : split(landing.path).folder, true)
  const kept = keptIn(to, folder, job)
  if (from.kind === 'archive') {
    const path = await onDisk(from.archive, source.path, source.kind === 'folder')
    const tar = await ask(from.archive.engine, tarOf(from.archive, path))
    const isSame = from.archive.id === to.archive.id
    const named = rewritten(kept && isSame ? spooled(tar) : tar, renaming(path, landing), { ...job, kept })
    return put(to, folder, kept || isSame ? spooled(named) : named)
  }
  const { client } = await job.servers.one(from)
  const name = landing.merge === 'into' ? undefined : split(landing.path).name
  const tar = pack(client, [{ source, name }], { ...job.options, kept, own: from.kind === 'here' }, job.tally)
  await put(to, folder, kept ? spooled(tar) : tar)
}

async function put({ archive }: End & { kind: 'archive' }, folder: string, tar: AsyncIterable<Buffer>): Promise<void> {
  await ask(archive.engine, putTar(archive.engine, archive.id, apiPath(folder), asReadable(tar)))
}

/** For -n: the engine replaces what is there, so it is asked before. */
function keptIn({ archive }: End & { kind: 'archive' }, folder: string, { options, tally }: Job): Kept | undefined {
  return options.keep ? new Kept(archive, folder, tally) : undefined
}

/** A tar of all sources. */
async function toStream({ sources, options, tally, abort, servers }: Job): Promise<void> {
  const out = new Sink(1)
  let failure: Error | undefined
  out.on('error', (error) => {
    failure ??= error
  })
  for (const [at, { end, source }] of sources.entries()) {
    if (!source) continue
    let tar: AsyncIterable<Buffer>
    if (end.kind === 'archive') {
      const path = await onDisk(end.archive, source.path, source.kind === 'folder')
      const raw = await ask(end.archive.engine, tarOf(end.archive, path))
      const landing = source.name === undefined ? '' : source.name
      tar = rewritten(raw, renaming(path, { path: landing, merge: landing === '' ? 'into' : undefined }), {
        options: { ...options, archive: true },
        tally,
      })
    } else {
      const { client } = await servers.one(end)
      tar = pack(client, [{ source, name: source.name }], options, tally)
    }
    for await (const chunk of gathered(isLast(at, sources.length) ? tar : withoutEnd(tar))) {
      abort.throwIfAborted()
      if (!out.write(chunk)) await new Promise<void>((drained) => out.once('drain', drained).once('close', drained))
      if (failure) throw new DockerBashError(`the tar could not be written: ${failure.message}`, { cause: failure })
    }
  }
  await new Promise<void>((ended) => out.once('close', ended).end(() => ended()))
}

function isLast(at: number, count: number): boolean {
  return at === count - 1
}

/** Of several, only the last has an end. */
async function* withoutEnd(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let before: Buffer | undefined
  for await (const chunk of tar) {
    if (before) yield before
    before = chunk
  }
}
