import { DockerBashError, errno, messageOf } from '../errors'
import type { Kind } from '../sftp/packet'
import { shownName } from '../text/byte-names'
import { linked, typed } from './paths'

export interface Seen {
  readonly kind: Kind
  /** In bytes. */
  readonly size?: number | undefined
}

/** Looks at files without changing any. `undefined`: there is nothing. */
export interface Look {
  /** Of what a link leads to. */
  stat(path: string): Promise<Seen | undefined>
  /** Of a link itself. */
  lstat(path: string): Promise<Seen | undefined>
  readLink(path: string): Promise<string>
}

/** What is to be copied. */
export interface Source {
  /** Leads to it without a link at its end. */
  readonly path: string
  readonly kind: Kind
  /** Undefined for the contents of a folder. */
  readonly name: string | undefined
  /** Of a file, in bytes, where that is known. */
  readonly size?: number | undefined
  /** As it was typed, for people. */
  readonly word: string
}

/** Where one source goes: a path without a link at its end; its folder is there. */
export interface Landing {
  readonly path: string
  /** A folder that takes the contents as it is, or is to be made. */
  readonly merge: 'into' | 'new' | undefined
}

/** @throws DockerBashError when it is not there, or not what its end says */
export async function lookAtSource(look: Look, path: string, word: string, follow: boolean): Promise<Source> {
  const { path: cut, name, asFolder } = typed(path)
  const isFollowed = follow || asFolder
  const found = await asked(word, () => (isFollowed ? look.stat(cut) : look.lstat(cut)))
  if (!found) {
    // The engine does not say which of the two it is.
    const before = cut.replace(/\/\.\.?$/, '')
    const isThere = before !== cut && before !== '' && (await asked(word, () => look.stat(before)))
    throw new DockerBashError(`${word}: ${isThere ? 'not a folder' : 'no such file or folder'}`, {})
  }
  if (asFolder && found.kind !== 'folder') throw new DockerBashError(`${word}: not a folder`, {})
  const end = isFollowed && name !== undefined && found.kind !== 'folder' ? (await followed(look, cut)).path : cut
  return { path: end, kind: found.kind, name, word, size: found.kind === 'file' ? found.size : undefined }
}

/**
 * Where a source goes, by the rules of `docker cp`.
 * @param many several sources go there: it has to be a folder
 * @throws DockerBashError when it cannot go there
 */
export async function land(
  look: Look,
  source: Pick<Source, 'kind' | 'name' | 'word'>,
  to: { readonly path: string; readonly word: string; readonly many: boolean },
): Promise<Landing> {
  const { word } = to
  const { path: cut, name: given, asFolder } = typed(to.path)
  const end = await asked(word, () => followed(look, cut))
  const there = given === undefined ? await asked(word, () => look.stat(cut)) : end.found
  const isFolder = source.kind === 'folder'
  if (there?.kind === 'folder') {
    if (isFolder && source.name === undefined) return { path: end.path, merge: 'into' }
    return { path: `${end.path === '/' ? '' : end.path}/${source.name ?? ''}`, merge: undefined }
  }
  if (to.many)
    throw new DockerBashError(`${word}: not a folder`, { hint: 'several sources go into a folder that is there' })
  if (there) {
    if (isFolder) throw new DockerBashError(`${word} is a file, and ${source.word} a folder`, {})
    if (asFolder) throw new DockerBashError(`${word}: not a folder`, {})
    return { path: end.path, merge: undefined }
  }
  const parent = typed(`${end.path.replace(/[^/]+$/, '') || '.'}`)
  const above = await asked(word, () => look.stat(parent.path))
  if (above?.kind !== 'folder') {
    throw new DockerBashError(`${word}: the folder ${shownName(parent.path)} is not there`, {
      hint: 'a copy makes no folders above what it copies',
    })
  }
  if (isFolder) return { path: end.path, merge: 'new' }
  if (asFolder || given === undefined) throw new DockerBashError(`${word}: there is no such folder`, {})
  return { path: end.path, merge: undefined }
}

/** As many as the kernel follows. */
const mostLinks = 40

/** The path behind the links at its end; what is there, which is never a link, or nothing. */
async function followed(look: Look, path: string): Promise<{ path: string; found: { kind: Kind } | undefined }> {
  for (let at = path, links = 0; links <= mostLinks; links++) {
    const found = await look.lstat(at)
    if (found?.kind !== 'link') return { path: at, found }
    at = typed(linked(at, await look.readLink(at))).path
  }
  throw new DockerBashError(`${shownName(path)}: too many links`, {})
}

async function asked<T>(word: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof DockerBashError || errno(error) === undefined) throw error
    throw new DockerBashError(`${word}: ${messageOf(error)}`, { cause: error })
  }
}
