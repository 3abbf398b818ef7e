import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { DockerBashError, errno, messageOf } from '../errors'

/**
 * Where our files are: `keys/` the private keys, `hosts/` the pinned host keys, `enrolled/` which keys open which
 * container, `journal/` rotations under way. One file a container, named by its full ID.
 */
export function dataFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { XDG_DATA_HOME: data } = env
  // The specification: what is not absolute is to be ignored.
  return join(data && isAbsolute(data) ? data : join(env.HOME || homedir(), '.local', 'share'), 'docker-bash')
}

export type Room = 'keys' | 'hosts' | 'enrolled' | 'journal'

export function pathIn(room: Room, name: string): string {
  return join(dataFolder(), room, name)
}

/** A file's text; undefined when there is none. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return undefined
    throw unusable(path, error)
  }
}

/** One of our own JSON files. @throws DockerBashError when it is there and is none */
export function readJson(path: string): unknown {
  const text = readIfThere(path)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DockerBashError(`${path} is damaged: it is no JSON`, {
      hint: `look at it, then remove it: rm ${path}`,
      cause,
    })
  }
}

/**
 * Writes a file that nobody else can read: made under another name, exclusively and with mode 0600 from the start (so
 * neither the umask nor a planted file or link matters), written through to the disk, then renamed.
 */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const partial = `${path}.${process.pid}.tmp`
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
 * @throws the system's EEXIST then; nothing is left behind by a failed write
 */
export function createPrivate(path: string, text: string, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
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
  return new DockerBashError(`cannot use ${path}: ${errno(cause) ?? messageOf(cause)}`, {
    hint: 'docker-bash keeps its keys there; XDG_DATA_HOME names another place',
    cause,
  })
}
