import { namesByArchive } from '../../lib/copy/archive-names'
import type { ArchiveOf } from '../../lib/copy/archive-tar'
import { lookByArchive } from '../../lib/copy/by-archive'
import { lookOf } from '../../lib/copy/copy'
import { expand, isPattern, type Lister } from '../../lib/copy/glob'
import type { Place } from '../../lib/copy/words'
import { DockerBashError } from '../../lib/errors'
import { shownName } from '../../lib/text/byte-names'
import type { End, Servers } from './ends'

/** The paths that one source means: what has a pattern in it, in a container, means all that fit. */
export async function expanded(
  place: Exclude<Place, { kind: 'stream' }>,
  end: End,
  servers: Servers,
): Promise<{ path: string; word: string }[]> {
  const { path, word } = place
  if (place.kind === 'here' || !isPattern(path)) return [{ path, word }]
  const paths = await expand(end.kind === 'archive' ? byArchive(end.archive) : await served(end, servers), path)
  if (paths.length === 0) throw new DockerBashError(`${word}: nothing fits`, {})
  return paths.map((one) => ({ path: one, word: `${place.target}:${shownName(one)}` }))
}

function byArchive(archive: ArchiveOf): Lister {
  const { lstat } = lookByArchive(archive)
  return { names: (folder) => namesByArchive(archive, folder), lstat }
}

async function served(end: End, servers: Servers): Promise<Lister> {
  const { client } = await servers.one(end)
  const names = async (folder: string) => {
    try {
      const handle = await client.openFolder(folder)
      const entries = await client.list(handle)
      await client.close(handle)
      return entries.map(({ name }) => name)
    } catch {
      // Not there, or not a folder: nothing fits.
      return []
    }
  }
  return { names, lstat: lookOf(client).lstat }
}
