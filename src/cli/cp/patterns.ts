import { apiPath } from '../../lib/copy/by-archive'
import { lookOf } from '../../lib/copy/copy'
import { expand, isPattern } from '../../lib/copy/glob'
import type { Place } from '../../lib/copy/words'
import { statPath } from '../../lib/engine/archive'
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
  if (end.kind === 'archive') {
    if (await statPath(end.archive.engine, end.archive.id, apiPath(path))) return [{ path, word }]
    throw new DockerBashError(`${word}: the engine’s archives know no patterns`, {
      hint: 'name the folder, or use root on the engine’s host while the container runs',
    })
  }
  const { client } = await servers.start(end)
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
  const paths = await expand({ names, lstat: lookOf(client).lstat }, path)
  if (paths.length === 0) throw new DockerBashError(`${word}: nothing fits`, {})
  return paths.map((one) => ({ path: one, word: `${place.target}:${shownName(one)}` }))
}
