import type { Engine } from '../engine/engine'
import { runInside } from '../engine/run'
import script from './authorized.sh'
import { fingerprint, type PublicKey, parsePublic } from './fingerprint'
import type { Login, Survey } from './survey'

/** One line that lets somebody in. */
export interface Authorized {
  /** Counted from 1. */
  readonly line: number
  /** What stands before the key: `from="…",no-pty`. */
  readonly options: string
  readonly key: PublicKey
  readonly fingerprint: string
}

/** A file that sshd reads for a user, as far as it may be read. */
export interface AuthorizedFile {
  readonly path: string
  /** `other`: a FIFO, a device, a folder. */
  readonly kind: 'file' | 'link' | 'missing' | 'other'
  /** Bytes above the limit were not looked at. */
  readonly cut: boolean
  readonly text: string
}

/** Bytes of one file; a thousand keys fit. */
const limit = 256 * 1024

/** The files sshd looks into for a login, in its order (AuthorizedKeysFile, with %h, %u, %U and %% filled in). */
export function authorizedPaths({ settings }: Pick<Survey, 'settings'>, login: Login): string[] {
  const patterns = (settings.get('authorizedkeysfile')?.[0] ?? '.ssh/authorized_keys .ssh/authorized_keys2').split(
    /\s+/,
  )
  return patterns
    .filter((pattern) => pattern && pattern !== 'none')
    .map((pattern) => {
      const known: Record<string, string> = { h: login.home, u: login.name, U: String(login.uid), '%': '%' }
      const path = pattern.replace(/%([huU%])/g, (_all, letter: string) => known[letter] ?? '')
      return path.startsWith('/') ? path : `${login.home}/${path}`
    })
}

/** Reads those files, each up to a bound. @throws DockerBashError when the container does not answer in time */
export async function readAuthorized(
  engine: Engine,
  container: string,
  paths: readonly string[],
): Promise<AuthorizedFile[]> {
  if (paths.length === 0) return []
  const command = ['/bin/sh', '-c', script, 'sh', String(limit), ...paths]
  const { stdout } = await runInside(engine, container, command, {
    limit: paths.length * (limit * 2 + 1024),
    timeoutMs: 10_000,
  })
  const files: Array<{ path: string; kind: AuthorizedFile['kind']; lines: string[] }> = []
  for (const line of stdout.toString().split('\n')) {
    const head = /^(file|link|missing|other) (\/.*)$/.exec(line)
    if (head) files.push({ kind: head[1] as AuthorizedFile['kind'], path: head[2] ?? '', lines: [] })
    else if (line.startsWith('|')) files.at(-1)?.lines.push(line.slice(1))
  }
  return files.map(({ path, kind, lines }) => {
    const text = lines.join('\n')
    return { path, kind, text, cut: Buffer.byteLength(text) >= limit - 1 }
  })
}

/** Who may log in by a file's text. What is not a key is passed over, as sshd does. */
export function parseAuthorized(text: string): Authorized[] {
  return text.split('\n').flatMap((line, index) => {
    const read = parseLine(line)
    return read ? [{ line: index + 1, ...read }] : []
  })
}

/** One line: options that may hold quoted blanks, then the key. */
export function parseLine(line: string): Omit<Authorized, 'line'> | undefined {
  const text = line.replace(/\r$/, '').trimStart()
  if (text === '' || text.startsWith('#')) return undefined
  const bare = parsePublic(text)
  if (bare) return { options: '', key: bare, fingerprint: fingerprint(bare.blob) }
  const end = endOfOptions(text)
  const key = parsePublic(text.slice(end))
  return key && { options: text.slice(0, end), key, fingerprint: fingerprint(key.blob) }
}

/** The first blank outside quotes. In them a backslash takes the next character's meaning away (sshd(8)). */
function endOfOptions(text: string): number {
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (character === '\\' && text[at + 1] === '"') at++
    else if (character === '"') quoted = !quoted
    else if (!quoted && (character === ' ' || character === '\t')) return at
  }
  return text.length
}
