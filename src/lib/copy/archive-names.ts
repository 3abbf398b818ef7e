import { getArchive, statPath } from '../engine/archive'
import { type ArchiveOf, apiPath } from './archive-tar'
import { onDisk } from './by-archive'
import { withoutSlashes } from './paths'
import type { Tally } from './tally'
import { readTar } from './tar-read'
import { namesOf } from './unpack'

/**
 * The names in a folder, by a tar of all that is in it: the engine gives no other list.
 * @returns none for what is not there, or not a folder
 * @throws DockerBashError for what is in memory
 */
export async function namesByArchive(of: ArchiveOf, folder: string): Promise<string[]> {
  const path = await onDisk(of, folder, true)
  if ((await statPath(of.engine, of.id, apiPath(path)))?.kind !== 'folder') return []
  const isRoot = path === '/'
  const found = new Set<string>()
  for await (const { head } of readTar(await getArchive(of.engine, of.id, apiPath(path)))) {
    const names = namesOf(head.name)?.slice(isRoot ? 0 : 1) ?? []
    if (names.length === 1) found.add(names[0] as string)
  }
  return [...found]
}

/** What of a tar does not go, for -n: the engine would replace what is there. */
export class Kept {
  readonly #of: ArchiveOf
  readonly #folder: string
  readonly #tally: Tally
  /** Folders that are not there: nothing in them is, either. */
  readonly #new = new Set<string>()

  /** @param folder where the tar is unpacked, no link on its way */
  constructor(of: ArchiveOf, folder: string, tally: Tally) {
    this.#of = of
    this.#folder = folder === '/' ? '' : folder
    this.#tally = tally
  }

  /** Whether something has that name there already. */
  async has(name: string, isFolder: boolean): Promise<boolean> {
    const path = withoutSlashes(name)
    const parts = path.split('/')
    if (parts.some((_, count) => this.#new.has(parts.slice(0, count).join('/')))) return false
    const isThere = (await statPath(this.#of.engine, this.#of.id, apiPath(`${this.#folder}/${path}`))) !== undefined
    if (!isThere && isFolder) this.#new.add(path)
    if (isThere && !isFolder) this.#tally.kept++
    return isThere
  }
}
