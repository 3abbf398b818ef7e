/** The bounded reader: regular files only, no byte too many, and it never waits. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { FileRefused, readBounded, readBoundedText, readNamed, whyUnread } from '../../../src/lib/files/bounded'
import { temporary } from '../../support/temporary'

const folder = temporary('bounded')
const at = (name: string) => join(folder, name)
const most = 1024

function why(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    return whyUnread(error)
  }
  return 'it was read'
}

test.each([0, 1, 1023, 1024])('%i bytes within a bound of 1024', (size) => {
  writeFileSync(at('whole'), 'x'.repeat(size))
  expect(readBoundedText(at('whole'), { most })).toBe('x'.repeat(size))
})

test('a byte too many is refused, not cut', () => {
  writeFileSync(at('large'), 'x'.repeat(1025))
  expect(() => readBounded(at('large'), { most })).toThrow(FileRefused)
  expect(why(() => readBounded(at('large'), { most }))).toBe('it is larger than 1 KiB')
})

test('a file of /proc, which says that it is empty', () => {
  expect(readBoundedText('/proc/self/comm', { most })).toMatch(/\n$/)
  expect(readBounded('/proc/self/smaps', { most: 16 * 1024 * 1024 }).length).toBeGreaterThan(20_000)
  expect(why(() => readBounded('/proc/self/smaps', { most }))).toBe('it is larger than 1 KiB')
})

test('what is not a file is refused at once: a FIFO that nobody writes to, a device, a folder, a socket', async () => {
  execFileSync('mkfifo', [at('fifo')])
  mkdirSync(at('folder'))
  const server = createServer()
  await new Promise<void>((ready) => server.listen(at('socket'), ready))
  for (const path of [at('fifo'), '/dev/zero', '/dev/ptmx', at('folder'), at('socket')]) {
    expect([path, why(() => readBounded(path, { most }))]).toEqual([path, 'it is not a regular file'])
  }
  server.close()
  expect(why(() => readBounded(at('none'), { most }))).toBe('there is no such file')
})

test('a link is followed, unless it must be none', () => {
  writeFileSync(at('text'), 'here')
  symlinkSync('text', at('link'))
  expect(readBoundedText(at('link'), { most })).toBe('here')
  expect(why(() => readBounded(at('link'), { most, noLink: true }))).toBe('it is a link')
})

test('what was opened is judged before it is read', () => {
  writeFileSync(at('judged'), 'text')
  const judge = ({ size }: { size: number }) => {
    if (size === 4) throw new FileRefused('it is four bytes')
  }
  expect(why(() => readBounded(at('judged'), { most, judge }))).toBe('it is four bytes')
})

test('what the user names may be a pipe, an empty device, but not without end', () => {
  execFileSync('mkfifo', [at('named')])
  execFileSync('sh', ['-c', 'printf A=b >"$0" &', at('named')], { stdio: 'ignore' })
  expect(readNamed(at('named'), most).toString()).toBe('A=b')
  expect(readNamed('/dev/null', most)).toHaveLength(0)
  expect(why(() => readNamed('/dev/zero', most))).toBe('it is larger than 1 KiB')
})
