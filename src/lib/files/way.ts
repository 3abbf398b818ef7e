import { lstatSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** Where another user has a hand in what a path leads to: the owner of that file or folder, or its mode. */
export interface Fault {
  readonly at: string
  readonly is: 'of another user' | 'open to others'
}

/** A path without links; nobody but us and root can make it lead elsewhere. */
export interface Way {
  readonly real: string
}

type Step = (Way & { readonly stat: Stats }) | Fault | undefined

/** As the kernel has it: then it is a loop. */
const mostLinks = 40

/** Folders that are in order, by the path that led there: most of what is looked at has the same few above it. */
const known = new Map<string, Way & { readonly stat: Stats }>()

/** As whom files count: the effective user, whom the kernel asks for. */
const uid = process.geteuid?.() ?? -1

/**
 * Goes a path from `/` down, one look (lstat) a part. Each part belongs to us or to root, and no other user can put
 * another in its place; a link may be one of the parts if it is ours or root's, and then its way is gone too. From the
 * top, because only then nothing that was looked at can be changed by others afterwards.
 * @param path absolute
 * @returns undefined when there is nothing there, or it is closed to us
 */
export function wayTo(path: string): Way | Fault | undefined {
  const found = step(resolve(path))
  return found && 'real' in found ? { real: found.real } : found
}

/** A folder's path without links, when only we and root can change what it leads to and what is in it. */
export function trustedFolder(path: string): string | undefined {
  const found = folder(resolve(path))
  return found && 'real' in found && !faultOf(found.stat, path) ? found.real : undefined
}

/** Who else has a hand in a file or folder; what is not there yet is judged by where it would be. */
export function faultAt(path: string): Fault | undefined {
  const found = step(resolve(path))
  if (!found) return path === '/' ? undefined : faultAt(dirname(resolve(path)))
  if (!('real' in found)) return found
  // Neither a device nor a socket is read or has anything put into it.
  const counts = found.stat.isFile() || (found.stat.isDirectory() && !isSticky(found.stat))
  return counts ? faultOf(found.stat, found.real) : undefined
}

/** What is wrong with a file or folder itself, by what fstat says of it. */
export function faultOf({ uid: owner, mode }: Stats, at: string): Fault | undefined {
  if (owner !== uid && owner !== 0) return { at, is: 'of another user' }
  return (mode & 0o022) === 0 ? undefined : { at, is: 'open to others' }
}

/** @param path absolute, with no `.`, `..` or `//` in it: as the hot path takes it, it is cut and put together by hand */
function step(path: string, links = 0): Step {
  if (path === '/') return look(path)
  const slash = path.lastIndexOf('/')
  const above = folder(path.slice(0, slash) || '/', links)
  if (!above || !('real' in above)) return above
  const found = look(`${above.real === '/' ? '' : above.real}${path.slice(slash)}`)
  if (!found || !('real' in found) || !found.stat.isSymbolicLink()) return found
  return links < mostLinks ? step(resolve(above.real, readlinkSync(found.real)), links + 1) : undefined
}

/** A folder that something is in. */
function folder(path: string, links = 0): Step {
  const before = known.get(path)
  if (before) return before
  const found = step(path, links)
  if (!found || !('real' in found)) return found
  if (!found.stat.isDirectory()) return undefined
  const fault = isSticky(found.stat) ? undefined : faultOf(found.stat, found.real)
  if (fault) return fault
  known.set(path, found)
  return found
}

/** There others can make what is new, but not move or replace what is ours or root's. */
function isSticky(stat: Stats): boolean {
  return stat.isDirectory() && (stat.mode & 0o1000) !== 0
}

function look(path: string): Step {
  let stat: Stats | undefined
  try {
    stat = lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
  if (!stat) return undefined
  return stat.uid === uid || stat.uid === 0 ? { real: path, stat } : { at: path, is: 'of another user' }
}
