import { DockerBashError } from '../../errors'
import { whyUnread } from '../../files/bounded'
import { readTrusted } from '../../files/trusted'
import { type PublicKey, parsePublic, trimBlanks } from '../../ssh/fingerprint'
import { whyNotUsable } from '../../ssh/server/public-key'
import { isFrom } from './from'
import { type Options, readOptions } from './options'
import { LineRefused } from './refused'

/** A line that lets somebody in. */
export interface Entry extends Options {
  /** Counted from 1. */
  readonly line: number
  readonly key: PublicKey
}

/** A line that does not count, although it is neither empty nor a comment. */
export interface RefusedLine {
  readonly line: number
  /** As a clause. */
  readonly why: string
}

export interface Authorized {
  readonly entries: readonly Entry[]
  readonly refused: readonly RefusedLine[]
}

/** In bytes: some two thousand keys. */
const most = 256 * 1024

/** The file as it is now; it is read again each time somebody wants to come in. */
export class AuthorizedKeys {
  readonly path: string
  readonly #refused: (line: RefusedLine) => void
  #text: string | undefined
  #known: Authorized = { entries: [], refused: [] }

  /** @param refused is told of each line that does not count, once as long as the file stays the same */
  constructor(path: string, refused: (line: RefusedLine) => void) {
    this.path = path
    this.#refused = refused
  }

  /** @throws DockerBashError when it is not there, or another user may have written it */
  read(): readonly Entry[] {
    const text = this.#now()
    if (text !== this.#text) {
      this.#text = text
      this.#known = readAuthorized(text)
      for (const line of this.#known.refused) this.#refused(line)
    }
    return this.#known.entries
  }

  #now(): string {
    let text: string | undefined
    try {
      text = readTrusted(this.path, { most, elsewhere: '--authorized-keys' })
    } catch (error) {
      if (error instanceof DockerBashError) throw error
      throw new DockerBashError(`cannot read ${this.path}: ${whyUnread(error)}`, { hint, cause: error })
    }
    if (text === undefined) throw new DockerBashError(`there is no file ${this.path}`, { hint })
    return text
  }
}

const hint = '--authorized-keys names a file of public keys, a line each, as sshd reads them'

/** Every line of a file of keys, in sshd’s format. */
export function readAuthorized(text: string): Authorized {
  const entries: Entry[] = []
  const refused: RefusedLine[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const words = trimBlanks(raw)
    const line = index + 1
    if (words === '' || words.startsWith('#')) continue
    try {
      entries.push({ line, ...readLine(words) })
    } catch (error) {
      if (!(error instanceof LineRefused)) throw error
      refused.push({ line, why: error.message })
    }
  }
  return { entries, refused }
}

/** The first line of a key that may be used from an address now. */
export function lineFor(entries: readonly Entry[], blob: Buffer, address: string, now = Date.now()): Entry | undefined {
  return entries.find(
    ({ key, from, until }) =>
      key.blob.equals(blob) && (until === undefined || now < until) && (from === undefined || isFrom(from, address)),
  )
}

function readLine(text: string): Omit<Entry, 'line'> {
  const bare = parsePublic(text)
  const end = bare ? 0 : endOfOptions(text)
  const key = bare ?? parsePublic(text.slice(end))
  const options = readOptions(text.slice(0, end))
  // Its bytes are lost: a command would be another one.
  if (text.slice(0, end).includes('\ufffd')) throw new LineRefused('its options are not UTF-8')
  if (!key) throw new LineRefused('it is not a public key')
  const why = whyNotUsable(key.blob)
  if (why !== undefined) throw new LineRefused(why)
  return { key, ...options }
}

/** The first blank outside quotes. */
function endOfOptions(text: string): number {
  return /^(?:[^\s"]|"(?:[^"\\]|\\"|\\(?!"))*")*/.exec(text)?.[0].length ?? 0
}
