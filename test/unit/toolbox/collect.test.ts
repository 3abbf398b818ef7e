import { Readable } from 'node:stream'
import { collect } from '../../../src/lib/toolbox/collect'
import { type TarEntry, tar } from '../../../src/lib/toolbox/tar'
import { withShell } from '../../../src/lib/toolbox/toolbox'
import { untar } from '../../../src/lib/toolbox/untar'

/** The least of an ELF file: its header, and an interpreter if it is dynamic. */
function elf(loader?: string, machine = 62): Buffer {
  const bytes = Buffer.alloc(256)
  bytes.writeUInt32BE(0x7f454c46, 0)
  bytes.set([2, 1], 4)
  bytes.writeUInt16LE(machine, 18)
  bytes.writeBigUInt64LE(64n, 32)
  bytes.writeUInt16LE(56, 54)
  bytes.writeUInt16LE(1, 56)
  bytes.writeUInt32LE(loader ? 3 : 1, 64)
  bytes.writeBigUInt64LE(128n, 72)
  bytes.writeBigUInt64LE(BigInt((loader?.length ?? 0) + 1), 96)
  bytes.write(loader ?? '', 128)
  return bytes
}

/** Archives as the engine gives them, in chunks of any size. */
const image =
  (folders: Readonly<Record<string, readonly TarEntry[]>>, size = 777) =>
  async (folder: string) => {
    const entries = folders[folder]
    if (!entries) return undefined
    const bytes = await tar(entries)
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    return Readable.from(chunks)
  }
const file = (path: string, bytes: Buffer, mode = 0o755): TarEntry => ({ path, mode, bytes })
const link = (path: string, leadsTo: string): TarEntry => ({ path, mode: 0o777, leadsTo })

test('static programs and scripts under all their names, whatever the archive’s chunks', async () => {
  const folders = {
    '/bin': [link('bin', 'usr/bin')],
    '/usr/bin': [
      { path: 'bin/', mode: 0o755 },
      file('bin/busybox', elf()),
      link('bin/sh', '/bin/busybox'),
      link('bin/ls', 'sh'),
      file('bin/script', Buffer.from('#!/bin/sh\n')),
      file('bin/bash', elf('/lib64/ld.so')),
      file('bin/arm', elf(undefined, 183)),
      file('bin/notes', Buffer.from('text')),
      file('bin/quiet', elf(), 0o644),
      link('bin/loop', 'loop'),
      file('bin/deep/inner', elf()),
    ],
  }
  for (const size of [1, 511, 512, 100_000]) {
    const { files, links, dynamic } = await collect(['/bin', '/usr/bin'], 'amd64', image(folders, size))
    expect(files.map(({ name }) => name)).toEqual(['busybox', 'script'])
    expect(links).toEqual([
      ['sh', 'busybox'],
      ['ls', 'busybox'],
    ])
    expect([...dynamic]).toEqual([['bash', '/lib64/ld.so']])
  }
})

test('the first folder with a name has it', async () => {
  const read = image({ '/a': [file('a/sh', elf())], '/b': [file('b/sh', Buffer.from('#!x')), file('b/zsh', elf())] })
  const found = await collect(['/a', '/nowhere', '/b'], 'amd64', read)
  expect(found.files.map(({ name, bytes }) => [name, bytes.length])).toEqual([
    ['sh', 256],
    ['zsh', 256],
  ])
  expect(withShell('it', found).shell).toBe('zsh')
})

test('a shell is needed, and busybox is one; what its own lacks is said', async () => {
  const only = async (name: string, bytes: Buffer) =>
    collect(['/bin'], 'amd64', image({ '/bin': [file(`bin/${name}`, bytes)] }))
  expect(withShell('it', await only('busybox', elf()))).toMatchObject({ shell: 'sh', links: [['sh', 'busybox']] })
  const none = await only('tool', elf())
  expect(() => withShell('it', none)).toThrow('the toolbox it has no shell')
  const dynamic = await only('sh', elf('/lib/ld-musl.so'))
  expect(() => withShell('it', dynamic)).toThrow('it needs /lib/ld-musl.so')
})

test('names longer than a header holds, in the ways of PAX and GNU', async () => {
  const long = `bin/${'x'.repeat(150)}`
  const pax = `${String(long.length + 10)} path=${long}\n`
  const named = async (type: string, text: string) => {
    const bytes = (await tar([file('header', Buffer.from(text))])).subarray(0, 1024)
    bytes.write(type, 156, 'latin1')
    return bytes
  }
  for (const before of [await named('x', pax), await named('L', `${long}\0`)]) {
    const entries = []
    for await (const entry of untar(
      Readable.from([before, await tar([file('short', Buffer.from('body'))])]),
      () => true,
    )) {
      entries.push([entry.path, entry.bytes?.toString()])
    }
    expect(entries).toEqual([[long, 'body']])
  }
})
