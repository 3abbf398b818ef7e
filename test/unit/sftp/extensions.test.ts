/** OpenSSH's extensions of SFTP, of a server of our own files. Neither root nor an engine. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import type { Handle } from '../../../src/lib/sftp/client'
import { Fields, long, number, text } from '../../../src/lib/sftp/packet'
import { FileServer, sftpStreams } from '../../../src/lib/sftp/server'
import { temporary } from '../../support/temporary'

let server: FileServer
let folder: string
beforeAll(async () => {
  server = await FileServer.start(undefined)
  folder = temporary('sftp')
})
afterAll(() => server.close())

const sh = (script: string) => execFileSync('sh', ['-ec', script], { cwd: folder, encoding: 'utf8' })
const ask = (name: string, ...fields: Buffer[]) => server.client.extended(name, ...fields)
const path = (name: string) => `${folder}/${name}`
async function pathOf(fields: Promise<Fields>): Promise<string> {
  const names = await fields
  expect(names.number()).toBe(1)
  return names.text()
}

test('statvfs and fstatvfs are what stat -f says', async () => {
  sh('printf x > file')
  const handle = await server.client.open(path('file'), 'read')
  const expected = sh("stat -f -c '%S %b %c %l' .").trim().split(' ').map(Number)
  for (const answer of [ask('statvfs@openssh.com', text(folder)), ask('fstatvfs@openssh.com', text(handle))]) {
    const is = await answer
    const all = Array.from({ length: 11 }, () => Number(is.long()))
    expect([all[1], all[2], all[5], all[10]]).toEqual(expected)
  }
  await server.client.close(handle)
})

test('limits', async () => {
  const is = await ask('limits@openssh.com')
  expect(Array.from({ length: 4 }, () => Number(is.long()))).toEqual([524288, 262144, 262144, 0])
})

test('paths with ~, homes, and names of numbers, by the files there', async () => {
  const here = process.cwd()
  const root = readFileSync('/etc/passwd', 'utf8').match(/^root:.*:(\/[^:]*):[^:]*$/m)?.[1]
  expect(await pathOf(ask('expand-path@openssh.com', text('~')))).toBe(here)
  expect(await pathOf(ask('expand-path@openssh.com', text('~/none')))).toBe(`${here}/none`)
  expect(await pathOf(ask('expand-path@openssh.com', text('~root/x')))).toBe(`${root}/x`)
  expect(await pathOf(ask('home-directory', text('root')))).toBe(root)
  await expect(ask('expand-path@openssh.com', text('~no-such-user'))).rejects.toMatchObject({ code: 'ENOENT' })
  const numbers = Buffer.concat([number(0), number(4_000_000_000)])
  const answer = await ask('users-groups-by-id@openssh.com', text(numbers), text(number(0)))
  const [users, groups] = [new Fields(answer.bytes()), new Fields(answer.bytes())]
  expect([users.text(), users.text(), groups.text()]).toEqual(['root', '', 'root'])
})

test('rename replaces nothing, posix-rename does; hard links; the like of a link itself', async () => {
  sh('printf 1 > a; printf 2 > b; ln -s nothing dangling')
  await expect(server.client.rename(path('a'), path('b'), false)).rejects.toMatchObject({ code: 'EEXIST' })
  expect(sh('cat a b')).toBe('12')
  await server.client.rename(path('a'), path('c'), false)
  await server.client.rename(path('c'), path('b'), true)
  expect(sh('cat b; ls')).toMatch(/^1b\n/)
  await server.client.hardLink(path('b'), path('again'))
  expect(statSync(path('again')).nlink).toBe(2)
  await server.client.setStat(path('dangling'), { times: { atime: 1e9, mtime: 1e9 } })
  expect(sh('stat -c %Y dangling')).toBe('1000000000\n')
})

async function copyData(from: Handle, at: number, size: number, to: Handle, put: number): Promise<void> {
  await ask('copy-data', text(from), long(at), long(size), text(to), long(put))
}

test('copy-data: to anywhere, over what is there, holes as zeros; not over itself', async () => {
  sh('printf 0123456789 > digits; truncate -s 1M hole; printf end >> hole; truncate -s 2M hole; rm -f sparse over')
  const { client } = server
  const digits = await client.open(path('digits'), 'read')
  const hole = await client.open(path('hole'), 'read')
  const sparse = await client.open(path('sparse'), 'create')
  await copyData(hole, 0, 0, sparse, 0)
  sh('cmp hole sparse')
  expect(statSync(path('sparse')).blocks).toBeLessThan(64)
  const over = await client.open(path('over'), 'create')
  await client.write(over, 0, Buffer.alloc(20, 'x'))
  await copyData(digits, 2, 3, over, 10)
  expect(sh('cat over')).toBe('xxxxxxxxxx234xxxxxxx')
  await copyData(hole, 0, 4, over, 1)
  expect(readFileSync(path('over'), 'latin1')).toBe('x\0\0\0\0xxxxx234xxxxxxx')
  await expect(copyData(over, 0, 4, over, 2)).rejects.toMatchObject({ code: 'EINVAL' })
  await expect(copyData(over, 0, 0, over, 90)).rejects.toMatchObject({ code: 'EINVAL' })
  await Promise.all([digits, hole, sparse, over].map((handle) => client.close(handle)))
})

test('it says what it has, with the versions that OpenSSH has', async () => {
  const { input, output, close } = await sftpStreams(undefined)
  input.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]))
  const [hello] = (await once(output.resume(), 'data')) as [Buffer]
  const fields = new Fields(hello.subarray(5))
  expect(fields.number()).toBe(3)
  const offered: string[] = []
  for (let left = hello.length - 9; left > 0; ) {
    const [name, version] = [fields.text(), fields.text()]
    left -= 8 + name.length + version.length
    if (!name.endsWith('@docker-bash')) offered.push(`${name} ${version}`)
  }
  await close()
  expect(offered).toEqual([
    ...['copy-data 1', 'expand-path@openssh.com 1', 'fstatvfs@openssh.com 2', 'fsync@openssh.com 1'],
    ...['hardlink@openssh.com 1', 'home-directory 1', 'limits@openssh.com 1', 'lsetstat@openssh.com 1'],
    ...['posix-rename@openssh.com 1', 'statvfs@openssh.com 2', 'users-groups-by-id@openssh.com 1'],
  ])
})

test('packets that make no sense are answered or end it, and take nothing along', async () => {
  for (const bytes of ['00000000', 'ffffffff', '0000000103', '000000050300000001', '00000009c800000001ffffffff']) {
    const { input, output, ended, close } = await sftpStreams(undefined)
    input.write(Buffer.from(bytes, 'hex'))
    await Promise.race([once(output.resume(), 'data'), ended])
    await close()
  }
})
