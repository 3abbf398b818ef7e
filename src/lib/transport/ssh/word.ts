import type { Duplex, Readable } from 'node:stream'
import { Tap } from './tap'

/** How long a login may take until it has said its first word, and how much it may print before that. */
export const wordMs = 20_000
export const wordLimit = 1024 * 1024
/** Bytes of our line; the longest lists mounts. */
const lineLimit = 64 * 1024

/** Why a word did not come. */
export interface NoWord {
  readonly why: 'ended' | 'late' | 'flood'
  /** The last line it printed. */
  readonly said: string
  /** What the login ended with, null for a signal; absent when it did not, or was just closed. */
  readonly code?: number | null
}

/** A channel's streams once the word was read. What stdout had before it is dropped; what stderr had is handed on. */
export interface Heard {
  /** Of the line: what stands behind the tag, parted by blanks. */
  readonly words: readonly string[]
  readonly stdout: Tap
  readonly stderr: Tap
}

/**
 * Waits for the line of ours that begins with a tag, whatever a login prints before it: in bounded time and memory.
 * @throws NoWordError
 */
export function hear(channel: Duplex & { readonly stderr: Readable }, tag: string, ms = wordMs): Promise<Heard> {
  const stdout = new Tap(channel)
  const stderr = new Tap(channel.stderr)
  const held = new Held(tag)
  const errors: Buffer[] = []
  let size = 0
  return new Promise((resolve, reject) => {
    let code: number | null | undefined
    const refuse = (no: NoWord) => {
      stop()
      reject(new NoWordError(no))
    }
    const late = setTimeout(() => refuse({ why: 'late', said: held.last }), ms)
    const closed = () => refuse({ why: 'ended', said: held.last || text(errors), ...(code !== undefined && { code }) })
    const stop = () => {
      clearTimeout(late)
      channel.off('close', closed)
      stdout.through(() => undefined)
      stderr.through(() => undefined)
    }
    const count = (bytes: Buffer) => {
      size += bytes.length
      if (size > wordLimit) refuse({ why: 'flood', said: '' })
      return size <= wordLimit
    }
    stdout.through((bytes) => {
      if (!count(bytes)) return undefined
      const found = held.take(bytes)
      if (!found) return undefined
      stop()
      stdout.through(undefined)
      stderr.through(undefined)
      for (const one of errors) stderr.push(one)
      resolve({ words: found.words, stdout, stderr })
      return found.behind
    })
    stderr.through((bytes) => {
      if (count(bytes)) errors.push(bytes)
      return undefined
    })
    channel.once('exit', (status: number | null) => {
      code = status
    })
    channel.once('close', closed)
  })
}

/** A word that did not come; said in the user's terms by whoever waited for it. */
export class NoWordError extends Error {
  readonly no: NoWord

  constructor(no: NoWord) {
    super(`no word: ${no.why}`)
    this.no = no
  }
}

/** What came so far, looked through once however small its pieces are. */
class Held {
  readonly #tag: string
  #bytes = Buffer.allocUnsafe(4096)
  #length = 0
  /** No tag begins before here. */
  #from = 0

  constructor(tag: string) {
    this.#tag = `${tag} `
  }

  take(bytes: Buffer): { words: string[]; behind: Buffer } | undefined {
    if (this.#length + bytes.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(2 * (this.#length + bytes.length))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    bytes.copy(this.#bytes, this.#length)
    this.#length += bytes.length
    const all = this.#bytes.subarray(0, this.#length)
    const start = all.indexOf(this.#tag, this.#from, 'latin1')
    if (start < 0) {
      this.#from = Math.max(0, this.#length - this.#tag.length)
      return undefined
    }
    this.#from = start
    const end = all.indexOf(0x0a, start)
    if (end < 0) {
      // A line as long as this is not ours.
      if (this.#length - start > lineLimit) this.#from = start + 1
      return undefined
    }
    const [, ...words] = all.toString('latin1', start, end).trimEnd().split(' ')
    return { words, behind: Buffer.from(all.subarray(end + 1)) }
  }

  /** The last line, for a message. */
  get last(): string {
    return lastLine(this.#bytes.toString('utf8', Math.max(0, this.#length - 1024), this.#length))
  }
}

function text(parts: readonly Buffer[]): string {
  return lastLine(Buffer.concat(parts).subarray(-1024).toString())
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1)?.trim().slice(0, 200) ?? ''
}
