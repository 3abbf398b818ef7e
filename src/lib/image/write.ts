import { closeSync, fchmodSync, lstatSync, mkdirSync, openSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { DockerBashError, errno, messageOf } from '../errors'
import type { ProjectFile } from './project'

/**
 * Nothing is ever overwritten: all that is in the way is named, links that lead nowhere too.
 * @throws DockerBashError unless every path is free
 */
export function requireFree(folder: string, paths: readonly string[]): void {
  const taken = paths.filter((path) => isThere(folder, path))
  if (taken.length > 0) throw inTheWay(folder, taken)
}

/**
 * Writes all of the files, or none: each is created exclusively, and what was made goes again when one fails.
 * @throws DockerBashError when something is in the way or the folder cannot be written
 */
export function writeProject(folder: string, files: readonly ProjectFile[]): void {
  requireFree(
    folder,
    files.map(({ path }) => path),
  )
  const undo: Array<() => void> = []
  try {
    for (const file of files) {
      makeFolders(join(folder, dirname(file.path)), undo)
      create(join(folder, file.path), file, undo)
    }
  } catch (cause) {
    for (const act of undo.reverse()) act()
    if (cause instanceof DockerBashError) throw cause
    throw new DockerBashError(`cannot write to ${folder}: ${errno(cause) ?? messageOf(cause)}`, {
      hint: 'nothing is left of it; name another folder: docker-bash init DIR',
      cause,
    })
  }
}

export function isThere(folder: string, path: string): boolean {
  try {
    lstatSync(join(folder, path))
    return true
  } catch (error) {
    // What is not a folder is found when one is to be made of it.
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return false
    throw new DockerBashError(`cannot look into ${folder}: ${errno(error) ?? messageOf(error)}`, {
      hint: 'name another folder: docker-bash init DIR',
      cause: error,
    })
  }
}

function inTheWay(folder: string, paths: readonly string[]): DockerBashError {
  const [first] = paths
  const what = paths.length === 1 ? `${first} is there already` : `${paths.length} files are there already`
  return new DockerBashError(`${what}, and nothing was written`, {
    lines: paths.length === 1 ? [] : paths,
    hint: `move ${paths.length === 1 ? 'it' : 'them'} away, or name another folder than ${folder}: docker-bash init DIR`,
  })
}

/** One by one from the first that is missing, so that just those can be taken away again. */
function makeFolders(path: string, undo: Array<() => void>): void {
  const first = mkdirSync(path, { recursive: true })
  if (first === undefined) return
  const below = relative(first, path).split('/').filter(Boolean)
  const made = [first, ...below.map((_, at) => join(first, ...below.slice(0, at + 1)))]
  for (const one of made) undo.push(() => removeEmpty(one))
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // Somebody has put something into it meanwhile, which is theirs.
  }
}

function create(path: string, { text, executable }: ProjectFile, undo: Array<() => void>): void {
  const file = openSync(path, 'wx')
  undo.push(() => rmSync(path, { force: true }))
  try {
    writeFileSync(file, text)
    fchmodSync(file, executable ? 0o755 : 0o644)
  } finally {
    closeSync(file)
  }
}
