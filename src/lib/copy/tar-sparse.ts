import type { TarBytes } from './tar-bytes'
import { NotTar, type Sparse } from './tar-format'

/**
 * Sparse files as GNU tar has them: its own header (`S`), and 0.0, 0.1 and 1.0 of the extended ones.
 * @see https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
 */
export type Records = Readonly<Record<string, Buffer>>

/** In bytes: of a map of pieces. */
const mostMap = 4 * 1024 * 1024

/**
 * What an entry says of its holes; what of its map stands among its bytes is taken from there.
 * @param size of the bytes that follow, the map among them
 * @returns undefined for one that is not sparse
 * @throws NotTar for one that does not fit its bytes
 */
export async function sparseOf(
  head: Buffer,
  letter: string,
  records: Records,
  bytes: TarBytes,
  size: number,
): Promise<{ sparse: Sparse; size: number } | undefined> {
  const text = (key: string) => records[`GNU.sparse.${key}`]?.toString('latin1')
  if (letter === 'S') return checked(await ownMap(head, bytes), octal(head, 483), size)
  if (text('major') === '1') {
    const { numbers, taken } = await mapInBytes(bytes, size)
    return checked(numbers, Number(text('realsize')), size - taken)
  }
  const whole = text('size')
  if (whole === undefined) return undefined
  const map = text('map')
  const [offsets = [], sizes = []] = [text('offset'), text('numbytes')].map((list) => (list ?? '').split(','))
  const numbers = map === undefined ? offsets.flatMap((at, index) => [at, sizes[index] ?? '']) : map.split(',')
  return checked(numbers.filter((one) => one !== '').map(Number), Number(whole), size)
}

/** Four pieces in the header, and twenty-one in each block behind it, as long as one says that another comes. */
async function ownMap(head: Buffer, bytes: TarBytes): Promise<number[]> {
  const numbers: number[] = []
  const take = (block: Buffer, from: number, count: number) => {
    for (let at = from; at < from + count * 24; at += 24) {
      if (block[at] !== 0) numbers.push(octal(block, at), octal(block, at + 12))
    }
  }
  take(head, 386, 4)
  for (let more = head[482]; more; ) {
    const block = await bytes.whole(512)
    take(block, 0, 21)
    more = block[504]
    if (numbers.length * 12 > mostMap) throw new NotTar('a sparse entry of it has too many pieces')
  }
  return numbers
}

/** In decimal lines: how many pieces, and where each begins and how long it is; filled up to a block. */
async function mapInBytes(bytes: TarBytes, size: number): Promise<{ numbers: number[]; taken: number }> {
  let text = ''
  let taken = 0
  for (;;) {
    if (taken + 512 > size || taken > mostMap) throw new NotTar('a sparse entry of it is damaged')
    text += (await bytes.whole(512)).toString('latin1')
    taken += 512
    const first = text.indexOf('\n')
    if (first < 0) continue
    const count = Number(text.slice(0, first))
    if (!(count >= 0 && count <= mostMap / 4)) throw new NotTar('a sparse entry of it is damaged')
    // Counted once there may be enough: two bytes are the least for a number.
    if (text.length < first + 1 + count * 4) continue
    const lines = text.slice(first + 1).split('\n')
    if (lines.length > count * 2) return { numbers: lines.slice(0, count * 2).map(Number), taken }
  }
}

function octal(block: Buffer, at: number): number {
  const field = block.subarray(at, at + 12)
  if ((field[0] ?? 0) & 0x80) {
    return field.subarray(1).reduce((value, byte) => value * 256 + byte, (field[0] ?? 0) & 0x3f)
  }
  return Number.parseInt(field.toString('latin1').replace(/[\0 ]/g, ''), 8) || 0
}

/** Pieces in order, within the file, and as many bytes as follow: whoever wrote the tar is not believed. */
function checked(numbers: readonly number[], whole: number, size: number): { sparse: Sparse; size: number } {
  const pieces: [number, number][] = []
  let [end, sum] = [0, 0]
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const [at = Number.NaN, length = Number.NaN] = [numbers[index], numbers[index + 1]]
    if (!Number.isSafeInteger(at) || !Number.isSafeInteger(length) || length < 0 || at < end) {
      throw new NotTar('a sparse entry of it is damaged')
    }
    end = at + length
    sum += length
    if (length > 0) pieces.push([at, length])
  }
  if (!Number.isSafeInteger(whole) || end > whole || sum !== size) throw new NotTar('a sparse entry of it is damaged')
  return { sparse: { size: whole, pieces }, size }
}

/** The bytes that follow, each with its place in the file. */
export async function* placed(
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
  sparse: Sparse | undefined,
): AsyncGenerator<{ at: number; bytes: Buffer }> {
  const pieces = [...(sparse?.pieces ?? [[0, Number.POSITIVE_INFINITY] as const])]
  let [at, left] = pieces.shift() ?? [0, 0]
  for await (let bytes of body) {
    while (bytes.length > 0) {
      if (left === 0) {
        const next = pieces.shift()
        if (!next) return
        ;[at, left] = next
      }
      const part = bytes.subarray(0, Math.min(left, bytes.length))
      yield { at, bytes: part }
      at += part.length
      left -= part.length
      bytes = bytes.subarray(part.length)
    }
  }
}

const zeros = Buffer.alloc(256 * 1024)

/** The whole file, its holes as zeros. */
export async function* filled(body: AsyncIterable<Buffer>, sparse: Sparse | undefined): AsyncGenerator<Buffer> {
  if (!sparse) return yield* body
  let end = 0
  const gap = function* (to: number) {
    for (; end < to; end += Math.min(zeros.length, to - end)) yield zeros.subarray(0, Math.min(zeros.length, to - end))
  }
  for await (const { at, bytes } of placed(body, sparse)) {
    yield* gap(at)
    yield bytes
    end = at + bytes.length
  }
  yield* gap(sparse.size)
}
