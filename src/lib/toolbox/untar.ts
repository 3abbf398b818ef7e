/** One entry of an archive that is read. */
export interface Entry {
  readonly path: string
  readonly mode: number
  readonly kind: 'file' | 'link' | 'hard' | 'folder' | 'other'
  /** Where a link leads; of a hard one, the path of the entry that has the bytes. */
  readonly leadsTo: string
  readonly size: number
  readonly bytes?: Buffer
}

/**
 * Reads a tar (ustar, PAX, GNU) as it comes, holding no more than one file.
 * @param wants which files' bytes are wanted; the rest is passed over
 */
export async function* untar(
  source: AsyncIterable<Buffer>,
  wants: (entry: Omit<Entry, 'bytes'>) => boolean,
): AsyncGenerator<Entry> {
  const take = taker(source)
  let longer: { path?: string; leadsTo?: string } = {}
  for (;;) {
    const header = await take(512, true)
    if (header === undefined || header.every((byte) => byte === 0)) return
    const type = String.fromCharCode(header[156] ?? 0)
    const size = Number.parseInt(header.toString('latin1', 124, 136), 8) || 0
    const padded = Math.ceil(size / 512) * 512
    if (type === 'x' || type === 'L' || type === 'K') {
      const text = ((await take(padded, true)) ?? Buffer.alloc(0)).subarray(0, size)
      longer = {
        ...longer,
        ...(type === 'x' ? readPax(text) : { [type === 'L' ? 'path' : 'leadsTo']: untilZero(text) }),
      }
      continue
    }
    const entry = { ...readHeader(header, type, size), ...longer }
    longer = {}
    const wanted = entry.kind === 'file' && wants(entry)
    const body = await take(padded, wanted)
    yield wanted && body ? { ...entry, bytes: Buffer.from(body.subarray(0, size)) } : entry
  }
}

function readHeader(header: Buffer, type: string, size: number): Omit<Entry, 'bytes'> {
  const text = (from: number, to: number) => untilZero(header.subarray(from, to))
  const prefix = text(257, 263).startsWith('ustar') ? text(345, 500) : ''
  const kinds = { '0': 'file', '\0': 'file', '1': 'hard', '2': 'link', '5': 'folder' } as const
  return {
    path: prefix ? `${prefix}/${text(0, 100)}` : text(0, 100),
    mode: Number.parseInt(text(100, 108), 8) || 0,
    kind: kinds[type as keyof typeof kinds] ?? 'other',
    leadsTo: text(157, 257),
    size,
  }
}

/** `LENGTH KEY=VALUE` a line, the length counting itself. */
function readPax(text: Buffer): { path?: string; leadsTo?: string } {
  const found: { path?: string; leadsTo?: string } = {}
  for (let at = 0; at < text.length; ) {
    const length = Number.parseInt(text.toString('latin1', at, at + 12), 10)
    if (!(length > 0)) break
    const record = text.toString('utf8', at, at + length - 1)
    const [, key, value] = /^\d+ ([^=]+)=(.*)$/s.exec(record) ?? []
    if (key === 'path' && value !== undefined) found.path = value
    if (key === 'linkpath' && value !== undefined) found.leadsTo = value
    at += length
  }
  return found
}

function untilZero(bytes: Buffer): string {
  const zero = bytes.indexOf(0)
  return bytes.toString('utf8', 0, zero < 0 ? bytes.length : zero)
}

/** Hands out so many bytes, or passes over them; undefined at the end. */
function taker(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer[] = []
  let length = 0
  return async (wanted: number, keep: boolean): Promise<Buffer | undefined> => {
    let skipped = 0
    while (skipped + length < wanted) {
      if (!keep) {
        skipped += length
        held = []
        length = 0
      }
      const { value, done } = await chunks.next()
      if (done) return undefined
      held.push(value)
      length += value.length
    }
    const all = held.length === 1 && held[0] ? held[0] : Buffer.concat(held)
    const count = wanted - skipped
    held = [all.subarray(count)]
    length = all.length - count
    return all.subarray(0, count)
  }
}
