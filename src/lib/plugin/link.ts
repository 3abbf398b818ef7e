import { accessSync, constants, lstatSync, mkdirSync, readlinkSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DockerBashError, errno, messageOf } from '../errors'
import { readBoundedText } from '../files/bounded'
import { requireTrust } from '../files/trusted'

/** What is where Docker's client looks for a plugin called `bash`. */
export type LinkState =
  | { readonly kind: 'none' }
  /** It leads to this program. */
  | { readonly kind: 'ours' }
  /** A link to another docker-bash, or to one that is gone. */
  | { readonly kind: 'other' | 'dangling'; readonly leads: string }
  /** Something else by that name. */
  | { readonly kind: 'foreign' }

/** @param folder Docker's config folder */
export function linkPath(folder: string): string {
  return join(folder, 'cli-plugins', 'docker-bash')
}

export function linkState(path: string, program: string): LinkState {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (!there) return { kind: 'none' }
  if (!there.isSymbolicLink()) return { kind: 'foreign' }
  const leads = resolve(dirname(path), readlinkSync(path))
  try {
    const real = realpathSync(path)
    if (real === realpathSync(program)) return { kind: 'ours' }
    return isDockerBash(real) ? { kind: 'other', leads } : { kind: 'foreign' }
  } catch (error) {
    if (errno(error) === 'ENOENT') return { kind: 'dangling', leads }
    throw unusable(path, error)
  }
}

/**
 * Puts the link there. What is not docker-bash's is left alone, and so is another user's folder.
 * @param program ours, as it is started: it must be one that can be run
 * @returns whether anything had to be changed
 */
export function putLink(path: string, program: string): boolean {
  const state = linkState(path, program)
  if (state.kind === 'ours') return false
  if (state.kind === 'foreign') throw foreign(path)
  requireTrust(dirname(path), 'DOCKER_CONFIG')
  try {
    accessSync(program, constants.X_OK)
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    rmSync(path, { force: true })
    symlinkSync(program, path)
    return true
  } catch (error) {
    throw unusable(path, error)
  }
}

/** @returns whether there was a link */
export function removeLink(path: string, program: string): boolean {
  const state = linkState(path, program)
  if (state.kind === 'none') return false
  if (state.kind === 'foreign') throw foreign(path)
  requireTrust(dirname(path), 'DOCKER_CONFIG')
  try {
    rmSync(path)
    return true
  } catch (error) {
    throw unusable(path, error)
  }
}

/** A `bin/run.js` in a package of ours. */
function isDockerBash(program: string): boolean {
  try {
    const text = readBoundedText(join(dirname(program), '..', 'package.json'), { most: 64 * 1024 })
    return /"name": "@docker-bash\/cli"/.test(text)
  } catch {
    // Beside it is not a package: it is something else.
    return false
  }
}

function foreign(path: string): DockerBashError {
  return new DockerBashError(`${path} is there, and is not of docker-bash`, {
    hint: `look at it, then move it away: mv ${path} ${path}.old`,
  })
}

function unusable(path: string, cause: unknown): DockerBashError {
  return new DockerBashError(`cannot use ${path}: ${errno(cause) ?? messageOf(cause)}`, {
    hint: 'Docker looks for its plugins there; DOCKER_CONFIG names another folder',
    cause,
  })
}
