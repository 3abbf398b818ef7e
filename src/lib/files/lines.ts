import { chmodSync, chownSync, mkdirSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DockerBashError, errno } from '../errors'
import { readBounded, whyUnread } from './bounded'
import { requireTrust } from './trusted'

/** The lines of a file of the user's own, a character a byte: nobody's start-up file has to be UTF-8. */
export function linesIn(file: string, hint: string): string[] {
  try {
    const text = readBounded(file, { most: 16 * 1024 * 1024 }).toString('latin1')
    return text === '' ? [] : text.replace(/\n$/, '').split('\n')
  } catch (cause) {
    if (errno(cause) === 'ENOENT') return []
    throw unusable(file, hint, cause)
  }
}

/**
 * Writes them in one step, with the mode and owner that the file had; a link stays one, and a file without lines goes.
 * Root changes nothing in another user's home.
 * @param mode of a file, and of the folder above it, that was not there
 */
export function writeLines(
  path: string,
  lines: readonly string[],
  hint: string,
  mode = { file: 0o644, folder: 0o777 },
) {
  const elsewhere = 'HOME'
  requireTrust(dirname(path), elsewhere)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: mode.folder })
    const there = statSync(path, { throwIfNoEntry: false })
    const file = there ? realpathSync(path) : path
    requireTrust(dirname(file), elsewhere)
    if (lines.length === 0) {
      rmSync(file)
      return
    }
    const partial = `${file}.${process.pid}.tmp`
    writeFileSync(partial, Buffer.from(`${lines.join('\n')}\n`, 'latin1'), { flag: 'wx', mode: 0o600 })
    chmodSync(partial, there ? there.mode & 0o7777 : mode.file)
    if (there) chownSync(partial, there.uid, there.gid)
    renameSync(partial, file)
  } catch (cause) {
    throw cause instanceof DockerBashError ? cause : unusable(path, hint, cause)
  }
}

function unusable(file: string, hint: string, cause: unknown): DockerBashError {
  return new DockerBashError(`cannot use ${file}: ${whyUnread(cause)}`, { hint, cause })
}
