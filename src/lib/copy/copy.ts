import { below, type SftpClient } from '../sftp/client'
import { kindOf } from '../sftp/packet'
import type { Landing, Look, Source } from './landing'
import { split } from './paths'
import type { CopyOptions, Tally } from './tally'
import { TreeCopy } from './tree'
import { Writing } from './writing'

/** A server's files, looked at. */
export function lookOf(client: SftpClient): Look {
  const kind = (found: Awaited<ReturnType<SftpClient['stat']>>) => found && { kind: kindOf(found), size: found.size }
  return {
    stat: async (path) => kind(await client.stat(path)),
    lstat: async (path) => kind(await client.lstat(path)),
    readLink: (path) => client.readLink(path),
  }
}

export interface Work {
  readonly options: CopyOptions
  readonly tally: Tally
  readonly abort: AbortSignal
}

/**
 * Copies one source to where it goes, between two servers that are joined.
 * @throws Stopped when the rest is lost
 */
export async function copyTree(
  from: SftpClient,
  to: SftpClient,
  source: Source,
  landing: Landing,
  { options, tally, abort }: Work,
): Promise<void> {
  const { folder, name } = split(landing.path)
  const top = await to.openFolder(landing.merge === 'into' ? landing.path : folder)
  const writing = new Writing(to, top, options, tally)
  const into = { handle: top, names: [] }
  const own = landing.merge === 'into' ? top : undefined
  const copy = new TreeCopy(from, writing, abort, await to.fstat(own ?? top))
  if (landing.merge === 'into') {
    const opened = await from.openFolder(source.path)
    await copy.begins(opened)
    await copy.contents(opened, into, source.word)
  } else if (source.kind === 'folder') {
    await copy.folder(source.path, into, name, source.word)
  } else {
    const at = split(source.path)
    const opened = await from.openFolder(at.folder)
    const attributes = await from.lstat(below(opened, at.name))
    if (attributes) await copy.item(opened, { name: at.name, attributes }, into, name, source.word)
    else tally.miss(source.word, 'it has gone meanwhile')
  }
  await writing.flush()
  await to.close(top)
}
