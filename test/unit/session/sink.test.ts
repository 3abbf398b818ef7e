import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errno } from '../../../src/lib/errors'
import { exitCodeOf } from '../../../src/lib/session/ending'
import { Sink } from '../../../src/lib/session/sink'
import { Spool } from '../../../src/lib/session/spool'

const block = (fill: number, size = 1000) => Buffer.alloc(size, fill)

/** Where a descriptor leads; '' if it was closed meanwhile, as the test runner's may be. */
function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}

async function drain(spool: Spool): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of spool) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('the spool', () => {
  test('keeps the order through memory, file and memory again', async () => {
    const spool = new Spool({ memory: 4_000, file: 100_000 })
    const wanted: Buffer[] = []
    const put = (fill: number) => {
      wanted.push(block(fill))
      spool.put(block(fill))
    }
    for (let i = 0; i < 50; i++) put(i)
    for (let i = 0; i < 30; i++)
      await new Promise((resolve) => (spool.read(1000) ? resolve(0) : spool.once('readable', resolve)))
    for (let i = 50; i < 120; i++) put(i)
    spool.finish()
    const rest = await drain(spool)
    expect(rest.equals(Buffer.concat(wanted).subarray(-rest.length))).toBe(true)
    expect(rest.length).toBeGreaterThan(70_000)
  })
  test('hands out all of it, once, to a reader who comes late', async () => {
    const spool = new Spool({ memory: 10_000, file: 1_000_000 })
    const chunks = Array.from({ length: 500 }, (_, i) => block(i % 256, 700 + i))
    for (const chunk of chunks) spool.put(chunk)
    spool.finish()
    expect((await drain(spool)).equals(Buffer.concat(chunks))).toBe(true)
  })
  test('is full past its bound, and says when there is room', async () => {
    const spool = new Spool({ memory: 2_000, file: 5_000 })
    for (let i = 0; i < 7; i++) spool.put(block(1))
    expect(spool.full).toBe(false)
    spool.put(block(1))
    expect(spool.full).toBe(true)
    spool.finish()
    expect((await drain(spool)).length).toBe(8_000)
    expect(spool.full).toBe(false)
  })
  test('offers first what comes while nothing is held; keeps the rest, in order, and no memory of others', async () => {
    const spool = new Spool({ memory: 4_000, file: 100_000 })
    const gone: Buffer[] = []
    let room = 2_500
    spool.straight((bytes) => {
      const count = Math.min(room, bytes.length)
      room -= count
      gone.push(Buffer.from(bytes.subarray(0, count)))
      return count
    })
    const lent = Buffer.alloc(1_000)
    for (let i = 0; i < 20; i++) spool.put(lent.fill(i))
    // Room again, but what is held goes first.
    room = 1_000_000
    spool.put(lent.fill(20))
    spool.finish()
    expect(Buffer.concat(gone).length).toBe(2_500)
    const all = Buffer.concat([...gone, await drain(spool)])
    expect(all.equals(Buffer.concat(Array.from({ length: 21 }, (_, i) => block(i))))).toBe(true)
  })
  test('leaves no file with a name', () => {
    const spool = new Spool({ memory: 10, file: 1_000 })
    spool.put(block(1, 500))
    const open = readdirSync('/proc/self/fd').map(linkOf)
    expect(open).toContainEqual(expect.stringMatching(/docker-bash-[0-9a-f]{16} \(deleted\)$/))
    spool.destroy()
  })
  test('without a disk it holds what it is given, and is full sooner', async () => {
    const spool = new Spool({ memory: 2_000, file: 1_000_000, folders: ['/proc/nowhere'] })
    for (let i = 0; i < 5; i++) spool.put(block(i))
    expect(spool.full).toBe(true)
    spool.finish()
    expect((await drain(spool)).length).toBe(5_000)
  })
})

describe('the sink', () => {
  /** A named pipe, opened by its reader and, as a shell would, blocking for who writes. */
  function pipe() {
    const folder = mkdtempSync(join(tmpdir(), 'docker-bash-sink-'))
    const path = join(folder, 'pipe')
    execFileSync('mkfifo', [path])
    const from = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const to = openSync(path, constants.O_WRONLY)
    return { from, to, remove: () => rmSync(folder, { recursive: true }) }
  }
  const flagsOf = (fd: number) => /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]

  test('a reader who sleeps keeps nobody; all comes in order when it wakes, and the pipe is as it was', async () => {
    const { from, to, remove } = pipe()
    const before = flagsOf(to)
    const out = new Sink(to as 1)
    const wanted = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
    const taken = out.now(wanted)
    expect(taken).toBeGreaterThan(0)
    expect(taken).toBeLessThan(wanted.length)
    out.write(wanted.subarray(taken, 200_000))
    out.write(wanted.subarray(200_000))
    // Others wait for their turn.
    expect(out.now(Buffer.from('late'))).toBe(0)
    await new Promise((later) => setTimeout(later, 50))
    const ended = new Promise((settle) => out.write('', settle))
    const seen: Buffer[] = []
    const read = () => {
      const bytes = Buffer.alloc(70_000)
      try {
        seen.push(bytes.subarray(0, readSync(from, bytes)))
      } catch (error) {
        expect(errno(error)).toBe('EAGAIN')
      }
    }
    const reading = setInterval(read, 1)
    await ended
    clearInterval(reading)
    read()
    expect(Buffer.concat(seen).equals(wanted)).toBe(true)
    expect(out.now(Buffer.from('late'))).toBe(4)
    expect(flagsOf(to)).toBe(before)
    for (const fd of [from, to]) closeSync(fd)
    remove()
  })
  test('a reader who left is an error, once, and what comes later is for nobody', async () => {
    const { from, to, remove } = pipe()
    const out = new Sink(to as 1)
    expect(out.now(block(1))).toBe(1000)
    closeSync(from)
    const failed = new Promise((settle) => out.once('error', settle))
    expect(out.now(block(1))).toBe(1000)
    expect(errno(await failed)).toBe('EPIPE')
    expect(out.now(block(1))).toBe(1000)
    closeSync(to)
    remove()
  })
  test('writes all, in order, and tells when', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'docker-bash-sink-'))
    const fd = openSync(join(folder, 'out'), 'w')
    const out = new Sink(fd as 1)
    const chunks = Array.from({ length: 3_000 }, (_, i) => Buffer.from(`${i}\n`))
    for (const chunk of chunks) out.write(chunk)
    await new Promise((resolve) => out.end(resolve))
    closeSync(fd)
    expect(readFileSync(join(folder, 'out')).equals(Buffer.concat(chunks))).toBe(true)
    rmSync(folder, { recursive: true })
  })
})

test.each([
  [{ code: 0 }, 0],
  [{ code: 255 }, 255],
  [{ signal: 'SIGKILL' as const }, 137],
  [{ signal: 'SIGPIPE' as const }, 141],
  [{ lost: 'the connection went' }, 255],
])('the ending %j is exit code %d', (ending, code) => {
  expect(exitCodeOf(ending)).toBe(code)
})
