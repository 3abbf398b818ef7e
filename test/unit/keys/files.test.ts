import { mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivate, dataFolder, writePrivate } from '../../../src/lib/files/data-files'
import { lock } from '../../../src/lib/keys/lock'
import { generateKey, importKey, newest, ownKeys, successorOf } from '../../../src/lib/keys/store'
import { temporary } from '../../support/temporary'

const never = () => Promise.reject(new Error('nobody is asked'))
let data: string
let umask: number
beforeEach(() => {
  process.env.XDG_DATA_HOME = temporary('data')
  data = dataFolder()
  umask = process.umask(0)
})
afterEach(() => {
  process.umask(umask)
})
const mode = (path: string) => statSync(path).mode & 0o777

test('a key is 0600 under umask 0, its folder 0700, and it is never overwritten', () => {
  const key = generateKey('work')
  expect([mode(key.path), mode(join(data, 'keys')), mode(`${key.path}.pub`)]).toEqual([0o600, 0o700, 0o644])
  const before = readFileSync(key.path, 'utf8')
  expect(() => generateKey('work')).toThrow(/there is a key called work already/)
  expect(readFileSync(key.path, 'utf8')).toBe(before)
  expect(ownKeys()).toEqual([expect.objectContaining({ name: 'work', fingerprint: key.fingerprint, encrypted: false })])
})

test('a planted file or link is left as it is, and nothing is written through it', () => {
  const victim = join(data, '..', 'victim')
  mkdirSync(join(data, 'keys'), { recursive: true, mode: 0o700 })
  writeFileSync(victim, 'mine')
  symlinkSync(victim, join(data, 'keys', 'linked'))
  symlinkSync('/nosuch/folder/file', join(data, 'keys', 'dangling'))
  writeFileSync(join(data, 'keys', 'planted'), '', { mode: 0o666 })
  for (const name of ['linked', 'dangling', 'planted']) expect(() => generateKey(name)).toThrow(/already/)
  expect(readFileSync(victim, 'utf8')).toBe('mine')
  expect(readlinkSync(join(data, 'keys', 'dangling'))).toBe('/nosuch/folder/file')
  expect(readFileSync(join(data, 'keys', 'planted'), 'utf8')).toBe('')
})

test('notes are replaced whole, 0600, also over a planted temporary file or link', () => {
  const path = join(data, 'hosts', 'x.json')
  const victim = join(data, '..', 'victim')
  writeFileSync(victim, 'mine')
  mkdirSync(join(data, 'hosts'), { recursive: true, mode: 0o700 })
  symlinkSync(victim, `${path}.${process.pid}.tmp`)
  writePrivate(path, 'one')
  writePrivate(path, 'two')
  expect([readFileSync(path, 'utf8'), mode(path), readFileSync(victim, 'utf8')]).toEqual(['two', 0o600, 'mine'])
})

test('a file that cannot be written leaves nothing', () => {
  expect(() => createPrivate('/dev/full/x', 'y')).toThrow()
  const file = join(data, '..', 'file')
  writeFileSync(file, '', { mode: 0o600 })
  process.env.XDG_DATA_HOME = join(file, 'nosuch')
  expect(() => generateKey('x')).toThrow(/cannot write|ENOTDIR|not a directory/)
})

test('names that could be paths or hide are refused', () => {
  for (const name of ['', '.', '..', '../x', 'a/b', '-x', 'x.pub', '\x1b[31m', 'x'.repeat(100)]) {
    expect(() => generateKey(name)).toThrow(/invalid key name/)
  }
})

test('import takes the file as it is', async () => {
  const made = generateKey('first')
  const key = await importKey('second', made.path, never)
  expect(key.fingerprint).toBe(made.fingerprint)
  expect([mode(key.path), readFileSync(key.path, 'utf8')]).toEqual([0o600, readFileSync(made.path, 'utf8')])
})

test('successors are counted, and the newest of a name is the one that is used', () => {
  generateKey('default')
  generateKey('defaultish')
  expect(successorOf('default')).toBe('default.2')
  generateKey('default.2')
  for (let number = 3; number <= 10; number++) generateKey(`default.${number}`)
  expect(successorOf('default.2')).toBe('default.11')
  expect(newest('default')?.name).toBe('default.10')
})

test('a lock holds until it is opened, and a dead one’s is void', () => {
  const id = 'a'.repeat(64)
  const open = lock(id, 'web')
  expect(() => lock(id, 'web')).toThrow(/web is being changed by another docker-bash \(process \d+\)/)
  open()
  lock(id, 'web')()
  createPrivate(join(data, 'journal', `${id}.lock`), `${process.pid} 1`)
  lock(id, 'web')()
  createPrivate(join(data, 'journal', `${id}.lock`), '999999999 1')
  lock(id, 'web')()
})
