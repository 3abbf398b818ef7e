/**
 * Tar by the byte: ustar with pax's extended headers (POSIX.1-2001), and GNU's long names when read. Names are texts of a
 * character a byte, since they need not be UTF-8: that is why no library does it.
 */

export type TarKind = 'file' | 'hardlink' | 'link' | 'char' | 'block' | 'folder' | 'fifo' | 'sparse'

export interface TarHead {
  readonly name: string
  readonly kind: TarKind
  /** Permissions alone. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes that follow. */
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  /** Of a link. */
  readonly to: string
  readonly device: readonly [major: number, minor: number]
  readonly attributes: readonly (readonly [name: string, value: Buffer])[]
}

const letters: Readonly<Record<string, TarKind>> = {
  ...{ '0': 'file', '\0': 'file', '7': 'file', '1': 'hardlink', '2': 'link', '3': 'char', '4': 'block', '5': 'folder' },
  ...{ '6': 'fifo', S: 'sparse' },
}
const letterOf = Object.fromEntries(Object.entries(letters).map(([letter, kind]) => [kind, letter]))
letterOf.file = '0'

/** How much of an entry's bytes fills its last block, in bytes. */
export function padding(size: number): number {
  return (512 - (size % 512)) % 512
}

/** An entry's header, with an extended one in front where it takes that. */
export function writeHead(head: TarHead): Buffer {
  const more: [string, Buffer][] = []
  const bytes = (text: string | number) => Buffer.from(String(text), 'latin1')
  if (head.name.length > 100) more.push(['path', bytes(head.name)])
  if (head.to.length > 100) more.push(['linkpath', bytes(head.to)])
  if (head.size > 0o77777777777) more.push(['size', bytes(head.size)])
  if (head.uid > 0o7777777) more.push(['uid', bytes(head.uid)])
  if (head.gid > 0o7777777) more.push(['gid', bytes(head.gid)])
  for (const [name, value] of head.attributes) more.push([`SCHILY.xattr.${name}`, value])
  if (more.length === 0) return block(head, letterOf[head.kind] ?? '0')
  const records = Buffer.concat(more.map(([key, value]) => record(key, value)))
  const front = { ...head, name: 'pax', to: '', mode: 0o600, size: records.length }
  return Buffer.concat([
    block(front, 'x'),
    records,
    Buffer.alloc(padding(records.length)),
    block(head, letterOf[head.kind] ?? '0'),
  ])
}

/** `LENGTH KEY=VALUE\n`, the length with its own digits. */
function record(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), value, Buffer.from('\n')])
  let size = rest.length + 1
  while (String(size).length + rest.length !== size) size = String(size).length + rest.length
  return Buffer.concat([Buffer.from(String(size)), rest])
}

function block(head: TarHead, letter: string): Buffer {
  const bytes = Buffer.alloc(512)
  const octal = (value: number, at: number, digits: number) =>
    bytes.write(Math.max(0, value).toString(8).padStart(digits, '0').slice(-digits), at, 'latin1')
  bytes.write(head.name.slice(0, 100), 0, 'latin1')
  octal(head.mode, 100, 7)
  octal(head.uid <= 0o7777777 ? head.uid : 0, 108, 7)
  octal(head.gid <= 0o7777777 ? head.gid : 0, 116, 7)
  octal(head.size <= 0o77777777777 ? head.size : 0, 124, 11)
  octal(Math.floor(head.mtime), 136, 11)
  bytes.write('        ', 148)
  bytes.write(letter, 156, 'latin1')
  bytes.write(head.to.slice(0, 100), 157, 'latin1')
  bytes.write('ustar\x0000', 257, 'latin1')
  octal(head.device[0], 329, 7)
  octal(head.device[1], 337, 7)
  const sum = bytes.reduce((all, byte) => all + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}

/** What an archive ends with. */
export const tarEnd = Buffer.alloc(1024)

/** The stream is not a tar, or ends too early. */
export class NotTar extends Error {}

export interface TarEntry {
  readonly head: TarHead
  /** What is not read is passed over. */
  readonly body: AsyncIterable<Buffer>
}

/** @throws NotTar */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const bytes = new Bytes(stream)
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
    const entry = headOf(head, letter, { ...all, ...own }, long)
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
  const name = textOf('path') ?? long.name ?? (prefix ? `${prefix}/${short}` : short)
  const isSparse = Object.keys(more).some((key) => key.startsWith('GNU.sparse'))
  const size = numberOf('size') ?? numberAt(head, 124, 12)
  if (!Number.isSafeInteger(size) || size < 0) throw new NotTar('an entry of it has no size')
  return {
    name,
    kind: isSparse ? 'sparse' : kind === 'file' && name.endsWith('/') ? 'folder' : kind,
    mode: numberAt(head, 100, 8) & 0o7777,
    uid: numberOf('uid') ?? numberAt(head, 108, 8),
    gid: numberOf('gid') ?? numberAt(head, 116, 8),
    // Links and the like have no bytes, whatever stands there.
    size: kind === 'file' || kind === 'sparse' || !(letter in letters) ? size : 0,
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
    records[bytes.toString('latin1', blank + 1, equals)] = bytes.subarray(equals + 1, at + size - 1)
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

/** A stream, by the byte. */
class Bytes {
  readonly #chunks: AsyncIterator<Buffer>
  #here = Buffer.alloc(0) as Buffer

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** @returns undefined at the end of the stream */
  async take(size: number): Promise<Buffer | undefined> {
    const got: Buffer[] = []
    let count = 0
    while (count < size) {
      const some = await this.#some(size - count)
      if (!some && count === 0) return undefined
      if (!some) throw new NotTar('it ends too early')
      got.push(some)
      count += some.length
    }
    return got.length === 1 ? (got[0] as Buffer) : Buffer.concat(got)
  }

  async whole(size: number): Promise<Buffer> {
    const got = await this.take(size)
    if (!got && size > 0) throw new NotTar('it ends too early')
    return got ?? Buffer.alloc(0)
  }

  async *some(left: { bytes: number }): AsyncGenerator<Buffer> {
    while (left.bytes > 0) {
      const got = await this.#some(left.bytes)
      if (!got) throw new NotTar('it ends too early')
      left.bytes -= got.length
      yield got
    }
  }

  async pass(size: number): Promise<void> {
    for await (const _ of this.some({ bytes: size }));
  }

  /** To the end, so that whoever writes can end. */
  async rest(): Promise<void> {
    while (await this.#some(Number.MAX_SAFE_INTEGER));
  }

  async #some(most: number): Promise<Buffer | undefined> {
    while (this.#here.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done) return undefined
      this.#here = value
    }
    const got = this.#here.subarray(0, most)
    this.#here = this.#here.subarray(got.length)
    return got
  }
}
