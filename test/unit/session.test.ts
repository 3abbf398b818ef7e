import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitCodeOf } from '../../src/lib/session/ending'
import { sink } from '../../src/lib/session/sink'
import { Spool } from '../../src/lib/session/spool'

const block = (fill: number, size = 1000) => Buffer.alloc(size, fill)

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
  test('leaves no file with a name', () => {
    const spool = new Spool({ memory: 10, file: 1_000 })
    spool.put(block(1, 500))
    const open = execFileSync('ls', ['-l', `/proc/${process.pid}/fd`]).toString()
    expect(open).toMatch(/docker-bash-[0-9a-f]{16} \(deleted\)/)
    spool.destroy()
  })
  test('without a disk it holds what it is given, and is full sooner', async () => {
    const spool = new Spool({ memory: 2_000, file: 1_000_000, folder: '/proc/nowhere' })
    for (let i = 0; i < 5; i++) spool.put(block(i))
    expect(spool.full).toBe(true)
    spool.finish()
    expect((await drain(spool)).length).toBe(5_000)
  })
})

describe('the sink', () => {
  test('writes all, in order, and tells when', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'docker-bash-sink-'))
    const fd = openSync(join(folder, 'out'), 'w')
    const out = sink(fd as 1)
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
