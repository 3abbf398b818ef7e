/** The fields of SFTP's packets, version 3 (draft-ietf-secsh-filexfer-02). Names are texts of a character a byte. */

/** What is known of a file. Times in seconds since 1970. */
export interface Attributes {
  readonly size: number
  readonly uid: number
  readonly gid: number
  /** With the kind of file in its high bits, as stat(2) has it. */
  readonly mode: number
  readonly atime: number
  readonly mtime: number
  /** Of a server of ours alone. */
  readonly device: bigint
  readonly inode: bigint
  readonly links: number
  readonly madeFor: bigint
  /** Bytes on the disk. */
  readonly used: number
}

/** What a file is to be like. The owner goes with the group, and the times go together. */
export interface Wanted {
  readonly size?: number
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined
  /** Without the kind of file. */
  readonly mode?: number
  /** Seconds since 1970. */
  readonly times?: { readonly atime: number; readonly mtime: number }
}

export type Kind = 'file' | 'folder' | 'link' | 'fifo' | 'socket' | 'device'

/** stat(2)'s S_IFMT. */
const kinds: ReadonlyMap<number, Kind> = new Map([
  [0o100000, 'file'],
  [0o040000, 'folder'],
  [0o120000, 'link'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
])

export function kindOf({ mode }: Pick<Attributes, 'mode'>): Kind {
  return kinds.get(mode & 0o170000) ?? 'device'
}

/** The name of the extension by which a server of ours tells more of files. */
export const ours = 'docker-bash'

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

export function long(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

export function text(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  return Buffer.concat([number(bytes.length), bytes])
}

export function wanted({ size, owner, mode, times }: Wanted): Buffer {
  const flags =
    (size === undefined ? 0 : 1) | (owner ? 2 : 0) | (mode === undefined ? 0 : 4) | (times === undefined ? 0 : 8)
  return Buffer.concat([
    number(flags),
    ...(size === undefined ? [] : [long(size)]),
    ...(owner ? [number(owner.uid), number(owner.gid)] : []),
    ...(mode === undefined ? [] : [number(mode)]),
    ...(times ? [number(times.atime), number(times.mtime)] : []),
  ])
}

/** Reads a packet from its front. */
export class Fields {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  /** In bytes. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#at++)
  }

  number(): number {
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  long(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#at)
    this.#at += 8
    return value
  }

  bytes(): Buffer {
    const size = this.number()
    if (this.#at + size > this.#bytes.length) throw new RangeError('a field is longer than its packet')
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }

  text(): string {
    return this.bytes().toString('latin1')
  }

  attributes(): Attributes {
    const flags = this.number()
    const size = flags & 1 ? Number(this.long()) : 0
    const [uid, gid] = flags & 2 ? [this.number(), this.number()] : [0, 0]
    const mode = flags & 4 ? this.number() : 0
    const [atime, mtime] = flags & 8 ? [this.number(), this.number()] : [0, 0]
    let more = { device: 0n, inode: 0n, links: 1, madeFor: 0n, used: size }
    for (let left = flags & 0x80000000 ? this.number() : 0; left > 0; left--) {
      const [name, value] = [this.text(), new Fields(this.bytes())]
      if (name === ours) more = told(value)
    }
    return { size, uid, gid, mode, atime, mtime, ...more }
  }
}

function told(value: Fields) {
  const [device, inode] = [value.long(), value.long()]
  const [links, madeFor] = [value.number(), value.long()]
  return { device, inode, links, madeFor, used: Number(value.long()) * 512 }
}
