import type { Readable } from 'node:stream'
import { getArchive } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { byteName, shownName } from '../text/byte-names'
import { joined } from './packed'
import { split } from './paths'
import { padding, type TarHead } from './tar-format'
import { readTar } from './tar-read'
import { tarEnd, writeHead } from './tar-write'
import { namesOf } from './unpack'

/** A container's files by the engine's archives: what does not run, and what is not on this host. */
export interface ArchiveOf {
  readonly engine: Engine
  readonly id: string
  readonly name: string
}

/** A path as the API takes it: in bytes, from the root. */
export function apiPath(path: string): Buffer {
  return Buffer.from(path.startsWith('/') ? path : `/${path}`, 'latin1')
}

/**
 * What has a path, as a tar; its names begin with the path's last one.
 *
 * Engines hand the name of a file on as JSON (seen with 20.10), and one that is not UTF-8 gets lost: their tar is empty.
 * Then the tar is asked for of the folder that it is in, and all else in that is passed over.
 * @throws the engine's refusal: see `statusOf`
 */
export async function tarOf({ engine, id }: ArchiveOf, path: string): Promise<AsyncIterable<Buffer>> {
  const ask = (of: string) => getArchive(engine, id, apiPath(of))
  const { folder, name } = split(path)
  const tar = await ask(path)
  if (byteName(shownName(name)) === name) return tar
  const chunks = tar[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const { value: first = Buffer.alloc(1) } = await chunks.next()
  if (first[0] !== 0) return joined(first, chunks)
  tar.destroy()
  return outOf(() => ask(folder), folder === '/' ? 0 : 1, [name])
}

/** One file or link out of the tar of its folder, which may have it as one more name of another file in it. */
async function* outOf(
  ask: () => Promise<Readable>,
  front: number,
  wanted: readonly string[],
  name = wanted[0] as string,
): AsyncGenerator<Buffer> {
  const tar = await ask()
  let first: string[] | undefined
  try {
    for await (const { head, body } of readTar(tar)) {
      if (!isAt(head.name, front, wanted)) continue
      first = head.kind === 'hardlink' ? namesOf(head.to)?.slice(front) : undefined
      if (!first) yield* entry({ ...head, name }, body)
      break
    }
  } finally {
    // While an engine makes a tar of a container it answers nothing else about that.
    tar.destroy()
  }
  if (first) yield* outOf(ask, front, first, name)
  else yield tarEnd
}

function isAt(path: string, front: number, wanted: readonly string[]): boolean {
  const names = namesOf(path)?.slice(front) ?? []
  return names.length === wanted.length && names.every((name, at) => name === wanted[at])
}

async function* entry(head: TarHead, body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield writeHead(head)
  yield* body
  yield Buffer.alloc(padding(head.size))
}
