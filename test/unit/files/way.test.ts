/** Who has a hand in what a path leads to. */
import { chmodSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { doubtOf, makeFolder, readTrusted } from '../../../src/lib/files/trusted'
import { faultAt, trustedFolder, wayTo } from '../../../src/lib/files/way'
import { temporary } from '../../support/temporary'

const theirs = (path: string) => lchownSync(path, 65534, 65534)
const trust = { elsewhere: 'XDG_X' }

/** `a/b/file` in a folder of its own. */
function tree() {
  const top = temporary('way')
  const at = (...names: string[]) => join(top, ...names)
  mkdirSync(at('a', 'b'), { recursive: true, mode: 0o755 })
  writeFileSync(at('a', 'b', 'file'), 'text', { mode: 0o644 })
  return { top, at, file: at('a', 'b', 'file') }
}

test('all of it ours or root’s: read, by a path without links', () => {
  const { file } = tree()
  expect(wayTo(file)).toEqual({ real: file })
  expect(faultAt(file)).toBeUndefined()
  expect(readTrusted(file, trust)).toBe('text')
})

test('nothing there is nothing to disbelieve', () => {
  const { at, file } = tree()
  expect(wayTo(at('none', 'file'))).toBeUndefined()
  expect(wayTo(join(file, 'below'))).toBeUndefined()
  expect(readTrusted(at('none'), trust)).toBeUndefined()
  const other = tree()
  theirs(other.top)
  expect(readTrusted(other.at('none'), trust)).toBeUndefined()
  expect(() => readTrusted(other.file, trust)).toThrow(`${other.top} belongs to another user: it is not believed`)
})

describe('not believed:', () => {
  type Spoil = (path: string) => void
  const open =
    (mode: number): Spoil =>
    (path) =>
      chmodSync(path, mode)
  test.each<[string, string, Spoil, 'of another user' | 'open to others']>([
    ['the file is another user’s', 'a/b/file', theirs, 'of another user'],
    ['its folder is', 'a/b', theirs, 'of another user'],
    ['a folder further up is', 'a', theirs, 'of another user'],
    ['others may write the file', 'a/b/file', open(0o646), 'open to others'],
    ['the group may', 'a/b/file', open(0o664), 'open to others'],
    ['others may write its folder', 'a/b', open(0o757), 'open to others'],
    ['the group may write a folder further up', 'a', open(0o775), 'open to others'],
  ])('%s', (_, name, spoil, is) => {
    const made = tree()
    const at = made.at(name)
    spoil(at)
    expect(faultAt(made.file)).toEqual({ at, is })
    expect(faultAt(join(made.at('a', 'b'), 'new'))).toEqual(at === made.file ? undefined : { at, is })
    expect(() => readTrusted(made.file, trust)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(at), hint: expect.stringMatching(/look at it/) }),
    )
  })
})

test('in a sticky folder what is ours counts, what is another’s does not', () => {
  const { at, file } = tree()
  chmodSync(at('a'), 0o1777)
  expect(readTrusted(file, trust)).toBe('text')
  expect(faultAt(at('a', 'new'))).toBeUndefined()
  expect(trustedFolder(at('a'))).toBeUndefined()
  mkdirSync(at('a', 'other'))
  theirs(at('a', 'other'))
  expect(faultAt(at('a', 'other', 'file'))).toEqual({ at: at('a', 'other'), is: 'of another user' })
})

test('a link of ours leads on, and its own way is gone, too; another’s does not', () => {
  const { at } = tree()
  symlinkSync('a/b/file', at('link'))
  symlinkSync(at('a'), at('folder'))
  expect(wayTo(at('link'))).toEqual({ real: at('a', 'b', 'file') })
  expect(readTrusted(at('folder', 'b', 'file'), trust)).toBe('text')
  expect(trustedFolder(at('folder', 'b'))).toBe(at('a', 'b'))
  chmodSync(at('a', 'b', 'file'), 0o666)
  expect(() => readTrusted(at('link'), trust)).toThrow(/can be written by other users/)
  theirs(at('link'))
  expect(faultAt(at('link'))).toEqual({ at: at('link'), is: 'of another user' })
})

test('loops and links that lead nowhere are not there', () => {
  const { at } = tree()
  symlinkSync('one', at('two'))
  symlinkSync('two', at('one'))
  symlinkSync('loop/x', at('loop'))
  symlinkSync('/nosuch/place', at('dangling'))
  for (const name of ['one', 'loop', 'dangling']) expect(readTrusted(at(name), trust)).toBeUndefined()
  expect(wayTo(at('one', 'file'))).toBeUndefined()
})

test('a folder is made only where it will be ours', () => {
  const { at } = tree()
  makeFolder(at('a', 'new', 'deep'), 'XDG_X')
  expect(trustedFolder(at('a', 'new', 'deep'))).toBe(at('a', 'new', 'deep'))
  symlinkSync('a', at('link'))
  theirs(at('link'))
  expect(() => makeFolder(at('link', 'new'), 'XDG_X')).toThrow(/belongs to another user/)
  expect(doubtOf(at('link'), 'XDG_X')?.hint).toMatch(/name another place: XDG_X$/)
})

test('what is not a file, or is too large, is refused', () => {
  const { at } = tree()
  expect(() => readTrusted(at('a'), trust)).toThrow('it is not a regular file')
  writeFileSync(at('large'), 'x'.repeat(2048), { mode: 0o600 })
  expect(() => readTrusted(at('large'), { ...trust, most: 1024 })).toThrow('it is larger than 1 KiB')
})
