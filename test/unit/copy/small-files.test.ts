/** Small files that go many at a time from one server of files to another, and what does not. Neither root nor an engine. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyTree, lookOf } from '../../../src/lib/copy/copy'
import { land, lookAtSource } from '../../../src/lib/copy/landing'
import { type CopyOptions, Tally } from '../../../src/lib/copy/tally'
import { below } from '../../../src/lib/sftp/client'
import { FileServer } from '../../../src/lib/sftp/server'
import { makeSmall, sendSmall, takeSmall } from '../../../src/lib/sftp/small-files'
import { temporary } from '../../support/temporary'

const options = { archive: false, keep: false, mayOwn: false }
const like = { owner: undefined, mode: 0o1777, isMask: true }

let from: FileServer
let into: FileServer
let folder: string
beforeEach(async () => {
  folder = temporary('small')
  mkdirSync(join(folder, 'from'))
  mkdirSync(join(folder, 'to'))
  from = await FileServer.start(undefined)
  into = await FileServer.start(undefined, from)
})
afterEach(async () => {
  await Promise.all([from.close(), into.close()])
  rmSync(folder, { recursive: true })
})

// As it is typed: `/.` stays.
const path = (word: string) => `${folder}/${word}`
const sh = (script: string) => execFileSync('sh', ['-ec', script], { cwd: folder, encoding: 'utf8' })
const names = (word: string) => readdirSync(path(word)).sort()

async function copy(source: string, to: string, more: Partial<CopyOptions> = {}) {
  const missed: string[] = []
  const tally = new Tally((name, because) => missed.push(`${name}: ${because}`))
  const seen = await lookAtSource(lookOf(from.client), path(source), source, false)
  const landing = await land(lookOf(into.client), seen, { path: path(to), word: to, many: false })
  const abort = new AbortController().signal
  await copyTree(from.client, into.client, seen, landing, { options: { ...options, ...more }, tally, abort })
  return { missed, tally }
}

function fill(word: string, count: number, name = (at: number) => `f${at}`): void {
  for (let at = 0; at < count; at++) writeFileSync(path(`${word}/${name(at)}`), `bytes of ${at}`)
}

test('names that differ in their last bytes alone, beyond what fits beside the name of one that is begun', async () => {
  fill('from', 300, (at) => 'x'.repeat(252) + String(at).padStart(3, '0'))
  const { missed, tally } = await copy('from/.', 'to')
  expect(missed).toEqual([])
  expect(tally.files).toBe(300)
  expect(names('to')).toEqual(names('from'))
  for (const name of names('to')) expect(readFileSync(path(`to/${name}`))).toEqual(readFileSync(path(`from/${name}`)))
})

test('modes and times, empty ones, and those whose bytes are digits', async () => {
  fill('from', 40)
  sh(`cd from; printf 12345 > digits; : > empty; chmod 0640 f1; chmod 01755 f2; chmod 04755 f3
    touch -d @1000000000 f1 f2; touch -d @4000000000 f4; printf 'x\\n0\\n' > 0`)
  const { missed } = await copy('from/.', 'to')
  expect(missed).toEqual([])
  expect(sh('diff -r from to')).toBe('')
  const is = (name: string) => sh(`stat -c '%a %Y' to/${name}`).trim()
  expect([is('f1'), is('f2'), is('f4').split(' ')[1]]).toEqual(['640 1000000000', '1755 1000000000', '4000000000'])
  // Without -a the bits that give a file's owner to whoever runs it are left out.
  expect(is('f3').split(' ')[0]).toBe('755')
})

test('what is no small file among them: hard links, a link, a large one, a FIFO, folders', async () => {
  fill('from', 40)
  sh(
    'cd from; ln f1 again; ln -s f2 link; mkfifo fifo; mkdir sub; head -c 40000 /dev/zero > large; printf deep > sub/deep',
  )
  const { missed, tally } = await copy('from/.', 'to')
  expect(missed).toEqual(['from/./fifo: a FIFO: copied with -a alone'])
  expect(tally.files).toBe(44)
  expect(statSync(path('to/f1')).ino).toBe(statSync(path('to/again')).ino)
  expect(sh('cat to/link; stat -c %s to/large; cat to/sub/deep')).toBe('bytes of 240000\ndeep')
})

test('what has a name there already: a file is replaced, a folder is not, and nothing is left of what was begun', async () => {
  fill('from', 300)
  sh('cd to; printf old > f7; mkdir f8; printf kept > f8/kept')
  const { missed, tally } = await copy('from/.', 'to')
  expect(missed).toEqual(['from/./f8: a folder has that name'])
  expect(tally.files).toBe(299)
  expect(tally.bytes).toBe(Number(sh('cat from/* | wc -c')))
  expect(readFileSync(path('to/f7'), 'utf8')).toBe('bytes of 7')
  expect(names('to')).toEqual(names('from'))
  expect(names('to/f8')).toEqual(['kept'])
})

test('a folder onto itself has what it had', async () => {
  fill('from', 700)
  const before = names('from')
  const { missed } = await copy('from/.', 'from')
  expect(missed).toEqual([])
  expect(names('from')).toEqual(before)
})

test('what is there stays with keep, in a folder of several portions', async () => {
  fill('from', 1200)
  sh('printf old > to/f3')
  const { tally } = await copy('from/.', 'to', { keep: true })
  expect([tally.files, tally.kept]).toEqual([1199, 1])
  expect(readFileSync(path('to/f3'), 'utf8')).toBe('old')
  expect(names('to')).toEqual(names('from'))
})

test('files of the kernel, whose size is not said beforehand, come whole', async () => {
  const { missed } = await copyOwn('/proc/sys/net/ipv4', 'to/made')
  expect(missed).toEqual([])
  expect(names('to/made').length).toBeGreaterThan(17)
  expect(readFileSync(path('to/made/ip_local_port_range'), 'utf8')).toMatch(/^\d+\s+\d+\n$/)
})

async function copyOwn(source: string, to: string) {
  const missed: string[] = []
  const tally = new Tally((name, because) => missed.push(`${name}: ${because}`))
  const seen = await lookAtSource(lookOf(from.client), source, source, false)
  const landing = await land(lookOf(into.client), seen, { path: path(to), word: to, many: false })
  const abort = new AbortController().signal
  await copyTree(from.client, into.client, seen, landing, { options, tally, abort })
  // What only root may write cannot be read either, and some say so.
  return {
    missed: missed.filter((line) => !/permission denied|operation not|input\/output|invalid/i.test(line)),
    tally,
  }
}

test('few go one by one; a file that is not sent is named, and the others are', async () => {
  fill('from', 20)
  const [source, target] = [await from.client.openFolder(path('from')), await into.client.openFolder(path('to'))]
  const all = await Promise.all([sendSmall(from.client, source, false, 20), takeSmall(into.client, target, 1, like)])
  expect(all[0]).toMatchObject({ names: '', isMore: false })
  expect(all[0].entries.map(({ name }) => name).sort()).toEqual(names('from'))
  expect(all[1]).toEqual({ count: 0, bytes: 0, failed: [] })
  // Its extended attributes would be lost.
  const f5 = await from.client.open(below(source, 'f5'), 'read')
  await from.client.setAttribute(f5, 'user.x', Buffer.from('1'))
  const again = await from.client.openFolder(path('from'))
  const [sent, made] = await Promise.all([
    sendSmall(from.client, again, true, 19),
    takeSmall(into.client, target, 1, like),
  ])
  expect(made.count).toBe(19)
  expect(made.failed.map(({ at, isUnsent }) => [sent.names.split('/')[at], isUnsent])).toEqual([['f5', true]])
})

test('begun and never named: gone with the server, and not there under another name before', async () => {
  fill('from', 100)
  const [source, target] = [await from.client.openFolder(path('from')), await into.client.openFolder(path('to'))]
  await Promise.all([sendSmall(from.client, source, false, 0), takeSmall(into.client, target, 7, like)])
  const times = { atime: 1e9, mtime: 1e9 }
  await makeSmall(into.client, target, 4_294_967_290, [
    { name: 'by-us', to: { mode: 0o644, times }, bytes: Buffer.from('x') },
  ])
  const begun = names('to')
  expect(begun).toHaveLength(101)
  expect(begun.every((name) => /^\..*\.docker-bash-[0-9a-f]{8}$/.test(name))).toBe(true)
  // Who has seen one does not know the next.
  const ends = new Set(begun.map((name) => Number.parseInt(name.slice(-8), 16)))
  expect([...ends].filter((end) => ends.has(end + 1)).length).toBeLessThan(3)
  await into.close()
  expect(names('to')).toEqual([])
})

test.each([
  ['from', () => from],
  ['to', () => into],
])('the server %s which it goes has ended: that is said, and nothing is left that was begun', async (_, which) => {
  fill('from', 3000)
  const copying = copy('from/.', 'to')
  const failed = expect(copying).rejects.toMatchObject({
    message: 'the program that serves files for docker-bash has ended',
    hint: expect.stringContaining('Run it again'),
  })
  while (names('to').length === 0) await new Promise((settle) => setImmediate(settle))
  await which().close()
  await failed
  await into.close()
  expect(names('to').filter((name) => name.startsWith('.'))).toEqual([])
})

test('a handle that is not there: both sides hear of it, and what comes behind goes its way', async () => {
  fill('from', 20)
  sh('printf last > from/last')
  const { client } = from
  const target = await into.client.openFolder(path('to'))
  const none = await Promise.allSettled([sendSmall(client, 'h99', false, 0), takeSmall(into.client, target, 1, like)])
  expect(none.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
  const given = await Promise.allSettled([client.give('h99'), into.client.take()])
  expect(given.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  const source = await client.openFolder(path('from'))
  const handle = await client.open(below(source, 'last'), 'read')
  const [sent, made, , taken] = await Promise.all([
    sendSmall(client, source, false, 0),
    takeSmall(into.client, target, 200, like),
    client.give(handle),
    into.client.take(),
  ])
  expect([sent.isMore, made.count]).toEqual([false, 21])
  expect((await into.client.read(taken, 0))?.toString()).toBe('last')
  const nowhere = await from.client.openFolder(path('from'))
  const [, failed] = await Promise.all([sendSmall(client, nowhere, false, 0), takeSmall(into.client, 'h99', 400, like)])
  expect([failed.count, failed.failed.length, failed.failed[0]?.error.code]).toEqual([0, 21, 'EBADF'])
})
