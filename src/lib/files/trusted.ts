import { existsSync, mkdirSync } from 'node:fs'
import { DockerBashError, errno } from '../errors'
import { quote } from '../text/quote'
import { readBounded } from './bounded'
import { type Fault, faultAt, faultOf, wayTo } from './way'

export interface Trust {
  /** In bytes; default 1 MiB. */
  readonly most?: number
  /** The variable that names another place, for the hint. */
  readonly elsewhere: string
}

/**
 * The text of a file that decides for the user: settings, keys, notes, contexts. Read only if nobody but the user (and
 * root) can have written it: the folders all the way up, what links lead to, and the file that was opened.
 * @returns undefined when there is none
 * @throws DockerBashError when another user may have written it, or it is not a file of a sane size; else the system's
 * error
 */
export function readTrusted(path: string, { most = 1024 * 1024, elsewhere }: Trust): string | undefined {
  const way = wayTo(path)
  if (way === undefined) return undefined
  if (!('real' in way)) {
    // Nothing there is nothing to disbelieve.
    if (!existsSync(path)) return undefined
    throw disbelief(way, elsewhere)
  }
  try {
    const judge = (stat: Parameters<typeof faultOf>[0]) => {
      const fault = faultOf(stat, path)
      if (fault) throw disbelief(fault, elsewhere)
    }
    return readBounded(way.real, { most, noLink: true, judge }).toString('utf8')
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Why a file or folder is not believed, and nothing is put there.
 * @param elsewhere as for `readTrusted`
 * @returns undefined when it is in order; what is not there yet is judged by where it would be
 */
export function doubtOf(path: string, elsewhere: string): DockerBashError | undefined {
  const fault = faultAt(path)
  return fault && disbelief(fault, elsewhere)
}

/** @throws what `doubtOf` finds: before anything is made or changed there */
export function requireTrust(path: string, elsewhere: string): void {
  const doubt = doubtOf(path, elsewhere)
  if (doubt) throw doubt
}

/** Makes a folder with what is missing above it, 0700. @throws DockerBashError in another user's, else the system's error */
export function makeFolder(path: string, elsewhere: string): void {
  requireTrust(path, elsewhere)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  // Once more, of all that is there now: in a sticky folder somebody else may have been faster.
  requireTrust(path, elsewhere)
}

function disbelief({ at, is }: Fault, elsewhere: string): DockerBashError {
  if (is === 'open to others') {
    return new DockerBashError(`${at} can be written by other users: it is not believed`, {
      hint: `look at it, then: chmod go-w ${quote(at)}`,
    })
  }
  return new DockerBashError(`${at} belongs to another user: it is not believed`, {
    hint: `look at it, then chown it to yourself; with sudo, -H takes root's own HOME; or name another place: ${elsewhere}`,
  })
}
