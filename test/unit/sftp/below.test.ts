/** Names beneath a folder that is open: what none of them leads to, whatever is there. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { below } from '../../../src/lib/sftp/client'
import { FileServer } from '../../../src/lib/sftp/server'
import { temporary } from '../../support/temporary'

let server: FileServer
let folder: string
let handle: string
beforeAll(async () => {
  server = await FileServer.start(undefined)
  folder = temporary('below')
  mkdirSync(join(folder, 'in/sub'), { recursive: true })
  writeFileSync(join(folder, 'secret'), 'outside')
  symlinkSync('..', join(folder, 'in/up'))
  symlinkSync('../secret', join(folder, 'in/link'))
  execFileSync('mkfifo', [join(folder, 'in/fifo')])
  handle = await server.client.openFolder(join(folder, 'in'))
})
afterAll(() => server.close())

test.each([
  [['..', 'secret'], 'EINVAL'],
  [['sub', '..', '..', 'secret'], 'EINVAL'],
  [['', 'secret'], 'EINVAL'],
  [['.', 'up'], 'EINVAL'],
  [['up', 'secret'], 'ENOTDIR'],
  [['link'], 'ELOOP'],
  [['fifo'], 'ENXIO'],
])('%j is not read, nor written beside', async (names, code) => {
  const { client } = server
  await expect(client.open(below(handle, ...names), 'read')).rejects.toMatchObject({ code })
  if (names.length === 1) return
  const path = below(handle, ...names.slice(0, -1), 'new')
  await expect(client.open(path, 'create')).rejects.toMatchObject({ code })
  await expect(client.makeFolder(path, 0o755)).rejects.toMatchObject({ code })
  await expect(client.makeLink(path, 'x')).rejects.toMatchObject({ code })
  await expect(client.rename(below(handle, 'link'), path, true)).rejects.toMatchObject({ code })
  await expect(client.hardLink(below(handle, ...names), below(handle, 'new'))).rejects.toMatchObject({ code })
})

test('a link is not entered, and nothing was made or changed', async () => {
  await expect(server.client.openFolder(below(handle, 'up'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  expect(readdirSync(folder).sort()).toEqual(['in', 'secret'])
  expect(readdirSync(join(folder, 'in')).sort()).toEqual(['fifo', 'link', 'sub', 'up'])
  expect(readFileSync(join(folder, 'secret'), 'utf8')).toBe('outside')
})
