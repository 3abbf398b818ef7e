import type { Duplex, Readable } from 'node:stream'
import { flood, longestPreface, Preface } from '../inside/preface'
import { Tap } from './filtered-readable'

/** A channel's streams once our line was read. What stdout had before it is dropped; what stderr had is handed on. */
export interface Heard {
  /** Of the line: what is behind the tag, parted by blanks. */
  readonly words: readonly string[]
  readonly stdout: Tap
  readonly stderr: Tap
}

/**
 * Waits for the line of ours that begins with a tag, whatever a login prints before it.
 * @param name the container's
 * @throws Closed; DockerBashError when too much comes before it, on either stream
 */
export function hear(channel: Duplex & { readonly stderr: Readable }, tag: string, name: string): Promise<Heard> {
  const stdout = new Tap(channel)
  const stderr = new Tap(channel.stderr)
  const preface = new Preface(tag, name)
  const errors: Buffer[] = []
  let size = 0
  let code: number | null | undefined
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      stdout.through(() => undefined)
      stderr.through(() => undefined)
      reject(error)
    }
    stdout.through((bytes) => {
      try {
        const read = preface.take(bytes)
        if (!read) return undefined
        stdout.through(undefined)
        stderr.through(undefined)
        for (const one of errors) stderr.push(one)
        const [, ...words] = read.line.trimEnd().split(' ')
        resolve({ words, stdout, stderr })
        return read.behind
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
    channel.once('close', () => fail(new Closed(code, lastLine(`${preface}`) || lastLine(`${Buffer.concat(errors)}`))))
  })
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
