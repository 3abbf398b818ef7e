/** Tars: ours are read by GNU tar, and its by us. */
import { execFileSync } from 'node:child_process'
import type { TarHead } from '../../../src/lib/copy/tar-format'
import { readTar } from '../../../src/lib/copy/tar-read'
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
