import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DockerBashError, errno } from '../errors'
import { ownFolder } from '../paths'
import { quote } from '../text/quote'
import { readBoundedText, whyUnread } from './bounded'
import { doubtOf, makeFolder, readTrusted, requireTrust } from './trusted'

/**
 * Where our files are: `keys/` the private keys, `hosts/` the pinned host keys, `enrolled/` which keys open which
 * container, `journal/` rotations under way. One file a container, named by its full ID.
 */
export function dataFolder(env: NodeJS.ProcessEnv = process.env): string {
  return ownFolder('data', env)
}

export type Room = 'keys' | 'hosts' | 'enrolled' | 'journal'

export function pathIn(room: Room, name: string): string {
  return join(dataFolder(), room, name)
}

const elsewhere = 'XDG_DATA_HOME'
/** In bytes. No key and no note is as large. */
const most = 256 * 1024

/** Why nothing in the folder is believed, nor anything put there; undefined when it is ours, or can be made. */
export function whyNotOurs(room?: Room): DockerBashError | undefined {
  return doubtOf(room ? pathIn(room, '') : dataFolder(), elsewhere)
}

/** Whether the folder is ours. In another user's home (`sudo -E`, `sudo -u app`) there is nothing of ours. */
export function isOurs(): boolean {
  return whyNotOurs() === undefined
}

/** For what cannot do without keys. @throws DockerBashError unless the folder is ours, or can be made */
export function requireOurs(): void {
  requireTrust(dataFolder(), elsewhere)
}

/** Whether a path is in our folder: what is there is believed only if it is ours. */
export function isInside(path: string): boolean {
  return resolve(path).startsWith(`${dataFolder()}/`)
}

/**
 * The text of one of our own files; undefined when there is none, or the folder is not ours.
 * @throws DockerBashError for a file in our folder that others may have written
 */
export function readOwn(path: string): string | undefined {
  if (!isOurs()) return undefined
  try {
    return readTrusted(path, { most, elsewhere })
  } catch (error) {
    throw error instanceof DockerBashError ? error : unusable(path, error)
  }
}

/**
 * The names in one of our folders; none when it is not there, or not ours.
 * @param anybodys also when it is another user's: to be counted, not to be believed
 */
export function namesIn(room: Room, anybodys = false): string[] {
  if (!anybodys && !isOurs()) return []
  try {
    return readdirSync(pathIn(room, ''))
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errno(error) ?? '') || anybodys) return []
    throw unusable(pathIn(room, ''), error)
  }
}

/** Any file's text, such as a key's that the user has named; undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readBoundedText(path, { most })
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return undefined
    throw unusable(path, error)
  }
}

/**
 * One of our own notes.
 * @param is whether the JSON is of the note's shape
 * @param what it is, as in "it is not an enrolment"
 * @throws DockerBashError when it is there and is damaged
 */
export function readNote<T>(path: string, is: (value: unknown) => value is T, what: string): T | undefined {
  const text = readOwn(path)
  if (text === undefined) return undefined
  const damaged = (why: string, cause?: unknown) =>
    new DockerBashError(`${path} is damaged: ${why}`, { hint: `look at it, then remove it: rm ${quote(path)}`, cause })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged('it is not valid JSON', cause)
  }
  if (is(value)) return value
  throw damaged(`it is not ${what}`)
}

/** What is done with an error that concerns one of many: each of the others is looked at all the same. */
export type Damaged = (error: DockerBashError) => void

/** What a reader finds; where it is damaged, undefined, and `damaged` is told why. */
export function unlessDamaged<T>(read: () => T, damaged: Damaged): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof DockerBashError)) throw error
    damaged(error)
    return undefined
  }
}

/**
 * Writes a file that nobody else can read: made under another name, exclusively and with mode 0600 from the start (so
 * neither the umask nor a planted file or link matters), written through to the disk, then renamed.
 */
export function writePrivate(path: string, text: string): void {
  const partial = `${path}.${process.pid}.tmp`
  requireOurs()
  try {
    rmSync(partial, { force: true })
    createPrivate(partial, text)
    renameSync(partial, path)
    syncFolder(dirname(path))
  } catch (error) {
    rmSync(partial, { force: true })
    throw error instanceof DockerBashError ? error : unusable(path, error)
  }
}

/**
 * A new file with mode 0600 from birth. Whatever already has the name, a link included, is left alone.
 * @throws the system's EEXIST then, DockerBashError in another user's folder; nothing is left behind by a failed write
 */
export function createPrivate(path: string, text: string, mode = 0o600): void {
  makeFolder(dirname(path), elsewhere)
  const file = openSync(path, 'wx', mode)
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } catch (error) {
    rmSync(path, { force: true })
    throw error
  } finally {
    closeSync(file)
  }
}

export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } catch {
    // Some file systems cannot; the rename is still atomic.
  } finally {
    closeSync(folder)
  }
}

function unusable(path: string, cause: unknown): DockerBashError {
  return new DockerBashError(`cannot use ${path}: ${whyUnread(cause)}`, {
    hint: 'docker-bash keeps its keys there; XDG_DATA_HOME names another place',
    cause,
  })
}
