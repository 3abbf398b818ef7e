import { TarBytes } from './tar-bytes'
import { letters, NotTar, padding, type TarHead } from './tar-format'
import { sparseOf } from './tar-sparse'

export interface TarEntry {
  readonly head: TarHead
  /** What is not read is passed over. */
  readonly body: AsyncIterable<Buffer>
}

/** @throws NotTar */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new TarBytes(stream)
  let long: { name?: string; to?: string } = {}
  let own: Record<string, Buffer> = {}
  const all: Record<string, Buffer> = {}
  for (let isFirst = true; ; isFirst = false) {
    const head = await bytes.take(512)
    if (!head) {
      // Without its end it was cut off, unless whoever wrote it leaves that away at the end of an entry.
      if (isFirst) throw new NotTar('it is empty')
      return
    }
    if (head.every((byte) => byte === 0)) {
      await bytes.rest()
      return
    }
    requireSum(head)
    const letter = String.fromCharCode(head[156] ?? 0)
    const size = numberAt(head, 124, 12)
    if ('xgLK'.includes(letter)) {
      if (size > mostExtra) throw new NotTar('an extended header of it is too long')
      const extra = await bytes.whole(size)
      await bytes.whole(padding(size))
      if (letter === 'L') long.name = upToZero(extra)
      else if (letter === 'K') long.to = upToZero(extra)
      else Object.assign(letter === 'g' ? all : own, recordsOf(extra))
      continue
    }
    const records = { ...all, ...own }
    const whole = headOf(head, letter, records, long)
    const sparse = await sparseOf(head, letter, records, bytes, whole.size)
    const entry = { ...whole, ...sparse }
    long = {}
    own = {}
    const left = { bytes: entry.size }
    yield { head: entry, body: bytes.some(left) }
    await bytes.pass(left.bytes)
    await bytes.whole(padding(entry.size))
  }
}

/** In bytes: of names and extended attributes. */
const mostExtra = 1024 * 1024

function headOf(
  head: Buffer,
  letter: string,
  more: Record<string, Buffer>,
  long: { name?: string; to?: string },
): TarHead {
  const kind = letters[letter] ?? 'file'
  const textOf = (key: string) => more[key]?.toString('latin1')
  const numberOf = (key: string) => (more[key] === undefined ? undefined : Number(textOf(key)))
  const isUstar = head.toString('latin1', 257, 262) === 'ustar'
  const prefix = isUstar && head[262] === 0 ? upToZero(head.subarray(345, 500)) : ''
  const short = upToZero(head.subarray(0, 100))
  const name = textOf('GNU.sparse.name') ?? textOf('path') ?? long.name ?? (prefix ? `${prefix}/${short}` : short)
  const size = numberOf('size') ?? numberAt(head, 124, 12)
  if (!Number.isSafeInteger(size) || size < 0) throw new NotTar('an entry of it has no size')
  return {
    name,
    kind: kind === 'file' && name.endsWith('/') ? 'folder' : kind,
    mode: numberAt(head, 100, 8) & 0o7777,
    uid: numberOf('uid') ?? numberAt(head, 108, 8),
    gid: numberOf('gid') ?? numberAt(head, 116, 8),
    // Links and the like have no bytes, whatever stands there.
    size: kind === 'file' || !(letter in letters) ? size : 0,
    mtime: Math.max(0, Math.floor(numberOf('mtime') ?? numberAt(head, 136, 12))),
    to: textOf('linkpath') ?? long.to ?? upToZero(head.subarray(157, 257)),
    device: [numberAt(head, 329, 8), numberAt(head, 337, 8)],
    attributes: Object.entries(more).flatMap(([key, value]) =>
      key.startsWith('SCHILY.xattr.') ? [[key.slice('SCHILY.xattr.'.length), value] as const] : [],
    ),
  }
}

function recordsOf(bytes: Buffer): Record<string, Buffer> {
  const records: Record<string, Buffer> = Object.create(null)
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(' ', at)
    const size = Number(bytes.toString('latin1', at, blank))
    const equals = bytes.indexOf('=', blank)
    if (blank < 0 || !(size > 0) || at + size > bytes.length || equals < 0 || equals > at + size) {
      throw new NotTar('an extended header of it is damaged')
    }
    const key = bytes.toString('latin1', blank + 1, equals)
    const value = bytes.subarray(equals + 1, at + size - 1)
    const before = records[key]
    // One for each piece of a sparse file.
    const isList = before !== undefined && /^GNU\.sparse\.(?:offset|numbytes)$/.test(key)
    records[key] = isList ? Buffer.concat([before, Buffer.from(','), value]) : value
    at += size
  }
  return records
}

/** Octal digits, or GNU's binary for what has too many. */
function numberAt(head: Buffer, at: number, size: number): number {
  const field = head.subarray(at, at + size)
  if ((field[0] ?? 0) & 0x80) {
    if ((field[0] ?? 0) & 0x40) return 0
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, (field[0] ?? 0) & 0x7f)
  }
  return Number.parseInt(field.toString('latin1').replace(/[\0 ]/g, ''), 8) || 0
}

function upToZero(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('latin1', 0, end < 0 ? bytes.length : end)
}

/** @throws NotTar unless the sum is right, of bytes with a sign or without */
function requireSum(head: Buffer): void {
  const said = numberAt(head, 148, 8)
  let [plain, signed] = [0, 0]
  for (const [at, byte] of head.entries()) {
    const counted = at >= 148 && at < 156 ? 32 : byte
    plain += counted
    signed += counted > 127 ? counted - 256 : counted
  }
  if (said !== plain && said !== signed) throw new NotTar('it is not a tar')
}
