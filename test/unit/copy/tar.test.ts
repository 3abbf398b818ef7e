/** Tars: ours are read by GNU tar, and its by us. */
import { execFileSync, spawnSync } from 'node:child_process'
import { Readable } from 'node:stream'
import type { TarHead } from '../../../src/lib/copy/tar-format'
import { readTar } from '../../../src/lib/copy/tar-read'
import { filled } from '../../../src/lib/copy/tar-sparse'
import { tarEnd, writeHead } from '../../../src/lib/copy/tar-write'

const plain: TarHead = {
  ...{ name: 'file', kind: 'file', mode: 0o640, uid: 1, gid: 2, size: 0, mtime: 1_000_000_000, to: '', device: [0, 0] },
  attributes: [],
}

async function read(bytes: Buffer, step = 777): Promise<[TarHead, string][]> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
  }
  const all: [TarHead, string][] = []
  for await (const { head, body } of readTar(chunks())) {
    let text = ''
    for await (const chunk of body) text += chunk.toString('latin1')
    all.push([head, text])
  }
  return all
}

test('what is written is read again: long names, bytes, large numbers', async () => {
  const heads: TarHead[] = [
    plain,
    { ...plain, name: 'n'.repeat(300), uid: 3_000_000, attributes: [['user.x', Buffer.from([0, 10, 255])]] },
    { ...plain, name: 'caf\xe9', kind: 'link', to: `${'t'.repeat(200)}\xe9` },
    { ...plain, name: 'd/', kind: 'folder', mode: 0o1777 },
    { ...plain, name: 'dev', kind: 'char', device: [1, 5] },
  ]
  const tar = Buffer.concat([...heads.map(writeHead), tarEnd])
  expect((await read(tar)).map(([head]) => head)).toEqual(heads)
  const listed = execFileSync('tar', ['-tvf', '-', '--numeric-owner', '--quoting-style=escape'], {
    input: tar,
    encoding: 'latin1',
  })
  expect(listed).toContain(`3000000/2 `)
  expect(listed).toContain('n'.repeat(300))
  expect(listed).toMatch(/^crw-r----- 1\/2\s+1,5 .* dev$/m)
})

test.each(['gnu', 'pax', 'ustar'])('one of GNU tar’s, as %s', async (format) => {
  const script = `cd $(mktemp -d); mkdir -p ${'d'.repeat(90)}/${'e'.repeat(90)}; printf hello > ${'d'.repeat(90)}/${'e'.repeat(90)}/f
    ln ${'d'.repeat(90)}/${'e'.repeat(90)}/f g; tar --format=${format} -cf - g d*; rm -r "$PWD"`
  const entries = await read(execFileSync('sh', ['-c', script]))
  expect(entries.map(([{ name, kind, to }, text]) => [name, kind, to, text])).toEqual([
    ['g', 'file', '', 'hello'],
    [`${'d'.repeat(90)}/`, 'folder', '', ''],
    [`${'d'.repeat(90)}/${'e'.repeat(90)}/`, 'folder', '', ''],
    [`${'d'.repeat(90)}/${'e'.repeat(90)}/f`, 'hardlink', 'g', ''],
  ])
})

test.each([
  ['nothing', Buffer.alloc(0), 'it is empty'],
  ['no tar', Buffer.alloc(2000, 'x'), 'it is not a tar'],
  ['half a file', writeHead({ ...plain, size: 5 }), 'it ends too early'],
])('%s', async (_, bytes, message) => {
  await expect(read(bytes)).rejects.toThrow(message)
})

describe.each([['gnu'], ['pax --sparse-version=0.0'], ['pax --sparse-version=0.1'], ['pax --sparse-version=1.0']])(
  'a sparse file, as %s',
  (format) => {
    const name = `${'n'.repeat(120)}-sparse`
    const script = `cd $(mktemp -d); for at in $(seq 0 40); do printf "piece $at" | dd of=${name} bs=1 seek=$((at * 65536)) conv=notrunc status=none; done
      truncate -s 4M ${name}; printf last > z; tar --format=${format} -Scf - ${name} z; cat ${name} >&2; rm -r "$PWD"`

    test('is read with its holes, and filled with zeros', async () => {
      const { stdout, stderr } = spawnSync('sh', ['-c', script], { maxBuffer: 1e8 })
      const found: unknown[] = []
      for await (const { head, body } of readTar(Readable.from([stdout]))) {
        const chunks: Buffer[] = []
        for await (const chunk of filled(body, head.sparse)) chunks.push(Buffer.from(chunk))
        const bytes = Buffer.concat(chunks)
        found.push([head.name, head.kind, head.sparse?.size, bytes.equals(head.sparse ? stderr : Buffer.from('last'))])
        if (head.sparse) expect(head.size).toBeLessThan(bytes.length / 8)
      }
      expect(found).toEqual([
        [name, 'file', 4 * 1024 * 1024, true],
        ['z', 'file', undefined, true],
      ])
    })
  },
)

test.each([
  ['in no order', '4,2,0,2'],
  ['beyond its end', '0,2,9,2'],
  ['more than follows', '0,5'],
  ['not numbers', '0,x'],
])('a sparse file whose pieces are %s is damaged', async (_, map) => {
  const records = Object.entries({ 'GNU.sparse.size': '10', 'GNU.sparse.map': map }).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    return `${rest.length + 2}${rest}`
  })
  const extra = Buffer.from(records.join(''))
  const front = Buffer.from(writeHead({ ...plain, name: 'pax', size: extra.length }))
  front.write('x', 156)
  const sum = front.fill(' ', 148, 156).reduce((all, byte) => all + byte, 0)
  front.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const tar = [
    front,
    extra,
    Buffer.alloc(512 - extra.length),
    writeHead({ ...plain, size: 4 }),
    Buffer.alloc(512),
    tarEnd,
  ]
  await expect(read(Buffer.concat(tar))).rejects.toThrow('a sparse entry of it is damaged')
})
