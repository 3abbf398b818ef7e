import { createHash } from 'node:crypto'

/** A public key as it stands in files: its type and its bytes in base64. */
export interface PublicKey {
  readonly type: string
  readonly blob: Buffer
  readonly comment: string
}

/** `SHA256:…` without padding, as OpenSSH writes it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`
}

/** Reads `type base64 comment`; undefined for what is none, or whose bytes are not of the type it says. */
export function parsePublic(line: string): PublicKey | undefined {
  // In a comment sshd takes all but a newline; what is passed over here is a key that nobody sees.
  const found = /^([a-z0-9@.-]+)[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]([^\n]*))?$/.exec(trimBlanks(line))
  if (!found) return undefined
  const [, type = '', base64 = '', comment = ''] = found
  const blob = Buffer.from(base64, 'base64')
  // What Node reads all the same, such as without its padding, OpenSSH does not.
  if (blob.toString('base64') !== base64) return undefined
  return typeOf(blob) === type ? { type, blob, comment: comment.trim() } : undefined
}

/** Without blanks and ends of lines around it; what only Unicode calls a blank, such as a byte order mark, is none. */
export function trimBlanks(text: string): string {
  const isBlank = (at: number) => ' \t\r\n'.includes(text[at] ?? 'x')
  let [from, to] = [0, text.length]
  while (from < to && isBlank(from)) from++
  while (from < to && isBlank(to - 1)) to--
  return text.slice(from, to)
}

/** The type that the bytes themselves begin with. */
export function typeOf(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined
  const length = blob.readUInt32BE(0)
  return length > 0 && length < 64 && blob.length > 4 + length ? blob.toString('latin1', 4, 4 + length) : undefined
}

export function formatPublic({ type, blob, comment }: PublicKey): string {
  return [type, blob.toString('base64'), comment].filter(Boolean).join(' ')
}
