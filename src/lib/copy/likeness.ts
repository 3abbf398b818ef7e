import { type Attributes, kindOf, type Wanted } from '../sftp/packet'
import type { CopyOptions } from './tally'

/** What the copy of a file is to be like. */
export function likeness(
  of: Pick<Attributes, 'mode' | 'uid' | 'gid' | 'atime' | 'mtime'>,
  options: CopyOptions,
): Wanted {
  const { archive, mayOwn, mode } = options
  const owner = mayOwn ? (options.owner ?? (archive ? { uid: of.uid, gid: of.gid } : undefined)) : undefined
  return {
    ...(owner && { owner }),
    mode: mode === undefined ? of.mode & (archive && mayOwn ? 0o7777 : 0o1777) : given(mode, kindOf(of) === 'folder'),
    times: { atime: of.atime, mtime: of.mtime },
  }
}

function given(mode: number, isFolder: boolean): number {
  return isFolder ? mode | ((mode & 0o444) >> 2) : mode
}
