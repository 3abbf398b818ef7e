import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import type { Script } from 'node:vm'
import { faultAt, faultOf, trustedFolder } from '../lib/files/way'
import { letYoungSpaceGrow } from '../lib/host/small-young-space'
import { ownFolder } from '../lib/paths'

/** A file begins with the build it is of and the kinds of run whose code it holds, in this many bytes. The code follows twice. */
const headLength = 256
const mostBytes = 16 * 1024 * 1024
/** In ms. A run that takes longer keeps what it has compiled by then: later, V8 throws away what is no longer used. */
const long = 2000

/** One of our programs. */
export interface Source {
  /** Its file's name. */
  readonly name: string
  /** Of its text. */
  readonly hash: string
  /** The command that is meant when none is named. */
  readonly usual: string
}

/**
 * V8's code for our programs, kept from run to run in the user's cache folder: reading and compiling our text is
 * otherwise half of what docker-bash itself costs. A file for each command, so that none reads another's.
 *
 * V8 runs what stands there, whatever source it was made of: it compares no more than the source's length. So the file
 * names the build, by a hash of the source, in its name and its head; and it has to be ours, and nobody else's to write:
 * it and all the folders above belong to the user we run as or to root (lib/files/way.ts). What does not fit is not
 * used, and in another user's home nothing is kept; none of it is an error.
 */
export class CodeCache {
  readonly data: Buffer | undefined
  readonly #program: string
  readonly #build: string
  readonly #folder: string | undefined
  /** Kinds of run whose code `data` holds. */
  readonly #kinds: readonly string[] = []

  /** What the words seem to mean, before they are parsed. */
  readonly #guess: string

  /** @param argv the words behind the program's name */
  constructor({ name, hash, usual }: Source, argv: readonly string[]) {
    this.#program = name
    this.#guess = guess(argv, usual)
    this.#build = `${hash}-${process.versions.v8}-${process.arch}`
    this.#folder = cacheFolder(process.env)
    const folder = this.#folder && trustedFolder(this.#folder)
    if (!folder) return
    const bytes = readOwn(this.#path(folder, this.#guess)) ?? readOwn(this.#path(folder, usual))
    if (!bytes) return
    const [build, ...kinds] = bytes.toString('latin1', 0, headLength).trim().split(' ')
    if (build !== this.#build) return
    this.#kinds = kinds
    this.data = bytes.subarray(headLength)
  }

  /**
   * Adds what this run compiles, unless all of it is there already.
   * @param ran what kind of run it turned out to be, the command first; asked at its end, or after a while
   */
  keepUp(script: Script, ran: () => readonly string[]): void {
    const folder = this.#folder
    if (folder === undefined) return
    const known = script.cachedDataRejected ? [] : this.#kinds
    const keep = () => {
      clearTimeout(later)
      process.off('exit', keep)
      const kinds = ran()
      if (kinds.some((kind) => !known.includes(kind))) {
        const command = kinds[0]?.split(':')[0] ?? ''
        const name = this.#guess.startsWith(`${command}.`) ? this.#guess : command
        this.#write(folder, name, [...new Set([...known, ...kinds])], script)
      }
    }
    const later = setTimeout(keep, long).unref()
    process.once('exit', keep)
  }

  #path(folder: string, command: string): string {
    return join(folder, `${this.#program}-${command}-${this.#build}`)
  }

  #write(where: string, command: string, kinds: readonly string[], script: Script): void {
    let partial: string | undefined
    try {
      if (faultAt(where)) return
      // Two at most: Node's own way to make all that is missing never ends where none can be made.
      makeFolder(dirname(where))
      makeFolder(where)
      const folder = trustedFolder(where)
      const head = Buffer.from([this.#build, ...kinds].join(' ').padEnd(headLength))
      if (!folder || head.length > headLength) return
      letYoungSpaceGrow()
      const data = script.createCachedData()
      const path = this.#path(folder, command)
      partial = `${path}.${process.pid}`
      writeFileSync(partial, Buffer.concat([head, data, data]), { mode: 0o600, flag: 'wx' })
      renameSync(partial, path)
      this.#prune(folder, command)
    } catch {
      // A full disk, a home that is read-only: then there is no cache.
      if (partial) remove(partial)
    }
  }

  /** Takes away what other builds of ours have left. */
  #prune(folder: string, command: string): void {
    const stem = `${this.#program}-${command}-`
    for (const name of readdirSync(folder)) {
      if (name.startsWith(stem) && !name.startsWith(stem + this.#build)) rmSync(join(folder, name), { force: true })
    }
  }
}

function makeFolder(path: string): void {
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 })
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It was never made.
  }
}

/** Undefined when there is no home. */
function cacheFolder(env: NodeJS.ProcessEnv): string | undefined {
  const folder = ownFolder('cache', env, env.HOME ?? '')
  return isAbsolute(folder) ? folder : undefined
}

/** The command that is named, or the usual one and the way in that is asked for: each has code of its own. */
function guess([first = '', second = '']: readonly string[], usual: string): string {
  const via = first === '--via' ? second : first.startsWith('--via=') ? first.slice('--via='.length) : ''
  if (/^[a-z]{3,8}$/.test(via)) return `${usual}.${via}`
  return /^[a-z]{2,12}$/.test(first) ? first : usual
}

/** A file's head and its code, if it is there, whole, and nobody's but ours. */
function readOwn(path: string): Buffer | undefined {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stat = fstatSync(file)
    if (!stat.isFile() || faultOf(stat, path) || stat.size <= headLength || stat.size > mostBytes) return undefined
    const bytes = Buffer.allocUnsafeSlow(headLength + (stat.size - headLength) / 2)
    if (readSync(file, bytes, 0, bytes.length, 0) !== bytes.length) return undefined
    return isTwice(file, bytes.subarray(headLength), bytes.length) ? bytes : undefined
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * The same bytes follow in the file: V8 itself does not look, and falls over what is damaged. A checksum would take
 * five times as long, most of it for loading node:zlib.
 * @param from where they have to follow
 */
function isTwice(file: number, bytes: Buffer, from: number): boolean {
  const piece = Buffer.allocUnsafeSlow(64 * 1024)
  for (let at = 0; at < bytes.length; at += piece.length) {
    const expected = bytes.subarray(at, at + piece.length)
    const count = readSync(file, piece, 0, expected.length, from + at)
    if (count !== expected.length || !expected.equals(piece.subarray(0, count))) return false
  }
  return true
}
