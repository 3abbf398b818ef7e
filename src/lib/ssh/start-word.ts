import type { Duplex, Readable } from 'node:stream'
import { flood, longestPreface, Preface } from '../inside/preface'
import { Tap } from './filtered-readable'

type Channel = Duplex & { readonly stderr: Readable }
/** What is behind the tag on a line of ours, parted by blanks. */
type Words = readonly string[]

/** A channel's streams, behind the lines of ours. What stdout had before them is dropped; what stderr had is handed on. */
export interface Heard {
  readonly stdout: Tap
  readonly stderr: Tap
  /**
   * Each line of ours that was waited for, whatever a login prints before it. Fails with Closed, or a DockerBashError
   * when too much comes before it, on either stream.
   */
  readonly lines: readonly Promise<Words>[]
}

/**
 * Waits for lines of ours, which begin with a tag.
 * @param name the container's
 * @param count how many come before all else is the command's output
 */
export function hear(channel: Channel, tag: string, name: string, count = 1): Heard {
  const stdout = new Tap(channel)
  const stderr = new Tap(channel.stderr)
  const errors: Buffer[] = []
  let size = 0
  let code: number | null | undefined
  let preface = new Preface(tag, name)
  const waiting: Waiting[] = []
  const lines = Array.from({ length: count }, () => {
    const line = new Promise<Words>((settle, reject) => waiting.push({ settle, reject }))
    line.catch(() => undefined)
    return line
  })
  const fail = (error: unknown) => {
    stdout.through(() => undefined)
    stderr.through(() => undefined)
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  const see = (bytes: Buffer): Buffer | undefined => {
    const read = preface.take(bytes)
    if (!read) return undefined
    const [, ...words] = read.line.trimEnd().split(' ')
    waiting.shift()?.settle(words)
    preface = new Preface(tag, name)
    if (waiting.length > 0) return see(read.behind)
    stdout.through(undefined)
    stderr.through(undefined)
    for (const one of errors) stderr.push(one)
    return read.behind
  }
  stdout.through((bytes) => {
    try {
      return see(bytes)
    } catch (error) {
      fail(error)
      return undefined
    }
  })
  stderr.through((bytes) => {
    size += bytes.length
    if (size > longestPreface) fail(flood(name))
    else errors.push(bytes)
    return undefined
  })
  channel.once('exit', (status: number | null) => {
    code = status
  })
  channel.once('close', (status?: number | null) => {
    // The one chunk that opened the session may have ended it, before anybody listened.
    code ??= status
    // Behind the first line it is a terminal's echo of what was sent in.
    const said = waiting.length === count ? lastLine(`${preface}`) : ''
    fail(new Closed(code, said || lastLine(`${Buffer.concat(errors)}`)))
  })
  return { stdout, stderr, lines }
}

interface Waiting {
  readonly settle: (words: Words) => void
  readonly reject: (error: unknown) => void
}

/** The login ended before our line came. */
export class Closed extends Error {
  constructor(code: number | null | undefined, said: string) {
    const how = code === undefined ? 'the connection was closed' : `its login ended with ${code ?? 'a signal'}`
    super(said ? `${how} (${said})` : how)
  }
}

function lastLine(said: string): string {
  return said.slice(-1024).trim().split('\n').at(-1)?.trim().slice(0, 200) ?? ''
}
