import { type Attributes, kindOf, type Wanted } from '../sftp/packet'
import type { Likeness } from '../sftp/small-files'
import type { CopyOptions } from './tally'

/** What the copies of all files are to be like. */
export function likenessOfAll({ archive, mayOwn, mode, owner }: CopyOptions): Likeness {
  return {
    owner: mayOwn ? (owner ?? (archive ? 'theirs' : undefined)) : undefined,
    mode: mode ?? (archive && mayOwn ? 0o7777 : 0o1777),
    isMask: mode === undefined,
  }
}

/** What the copy of a file is to be like. */
export function likeness(
  of: Pick<Attributes, 'mode' | 'uid' | 'gid' | 'atime' | 'mtime'>,
  options: CopyOptions,
): Wanted {
  const { owner, mode, isMask } = likenessOfAll(options)
  return {
    ...(owner && { owner: owner === 'theirs' ? { uid: of.uid, gid: of.gid } : owner }),
    mode: isMask ? of.mode & mode : given(mode, kindOf(of) === 'folder'),
    times: { atime: of.atime, mtime: of.mtime },
  }
}

function given(mode: number, isFolder: boolean): number {
  return isFolder ? mode | ((mode & 0o444) >> 2) : mode
}
