import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { sweeper } from '../host/force-young-gc'
import type { Attributes } from '../sftp/packet'

/** Linux's O_PATH, which Node does not name. */
const pathOnly = 0o10000000

/** Moved at once, in bytes. */
export const ownBlock = 512 * 1024

/** Sent on to the disk at once, in bytes. */
const syncBlock = 32 * 1024 * 1024

/**
 * A file of ours that a server of files has open, for its bytes to be moved by us: through the server each is copied
 * four times more. The path is not believed: what is opened is the same file, or nothing.
 * @param path of a character a byte
 * @returns undefined when something else is there by now
 */
export async function ownFile(
  path: string,
  is: Pick<Attributes, 'device' | 'inode'>,
  how: 'read' | 'write',
): Promise<FileHandle | undefined> {
  let held: FileHandle | undefined
  try {
    held = await open(Buffer.from(path, 'latin1'), pathOnly | constants.O_NOFOLLOW)
    const { dev, ino } = await held.stat({ bigint: true })
    if (dev !== is.device || ino !== is.inode) return undefined
    const flags = how === 'read' ? constants.O_RDONLY : constants.O_WRONLY
    return await open(`/proc/self/fd/${held.fd}`, flags | constants.O_NONBLOCK)
  } catch {
    return undefined
  } finally {
    await held?.close()
  }
}

/** Exactly as many bytes as are asked for: what got shorter meanwhile ends with zeros. */
export async function* ownBytes(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  const read = async (at: number) => {
    const bytes = Buffer.allocUnsafeSlow(Math.min(ownBlock, size - at))
    for (let from = 0; from < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, from, bytes.length - from, at + from)
      if (bytesRead === 0) bytes.fill(0, from)
      from = bytesRead === 0 ? bytes.length : from + bytesRead
    }
    return bytes
  }
  // One ahead of whoever takes them.
  let next = size > 0 ? read(0) : undefined
  for (let at = 0; next; ) {
    const bytes = await next
    at += bytes.length
    next = at < size ? read(at) : undefined
    next?.catch(() => undefined)
    yield bytes
  }
}

/** Writes what comes, a block at a time, while more comes. */
export async function ownWrites(
  file: FileHandle,
  pieces: AsyncIterable<{ readonly at: number; readonly bytes: Buffer }>,
  written: (bytes: number) => void,
): Promise<void> {
  let begun: Buffer[] = []
  let [start, end] = [0, 0]
  let last: Promise<void> = Promise.resolve()
  let unsynced = 0
  let syncing: Promise<void> | undefined
  const put = async () => {
    const [bytes, at] = [begun, start]
    begun = []
    unsynced += end - start
    start = end
    await last
    last = whole(file, bytes, at)
    last.catch(() => undefined)
    if (unsynced < syncBlock || syncing) return
    // On its way to the disk already, while more comes: the end waits for less. What it says then is said again.
    unsynced = 0
    syncing = file
      .datasync()
      .catch(() => undefined)
      .finally(() => {
        syncing = undefined
      })
  }
  for await (const { at, bytes } of pieces) {
    if (at !== end && begun.length > 0) await put()
    if (begun.length === 0) start = at
    begun.push(bytes)
    end = at + bytes.length
    written(bytes.length)
    if (end - start >= ownBlock) await put()
  }
  if (begun.length > 0) await put()
  await last
  await syncing
}

async function whole(file: FileHandle, chunks: readonly Buffer[], at: number): Promise<void> {
  const size = chunks.reduce((sum, { length }) => sum + length, 0)
  let { bytesWritten } = await file.writev([...chunks], at)
  if (bytesWritten === size) return
  // Says what stopped it.
  const bytes = Buffer.concat(chunks)
  while (bytesWritten < size) {
    bytesWritten += (await file.write(bytes, bytesWritten, size - bytesWritten, at + bytesWritten)).bytesWritten
  }
}

/** Small pieces together, so that not each is sent by itself. */
export async function* gathered(chunks: AsyncIterable<Buffer>, most = 64 * 1024): AsyncGenerator<Buffer> {
  let small: Buffer[] = []
  let size = 0
  const sweep = sweeper()
  for await (const chunk of chunks) {
    sweep(chunk.length)
    if (size + chunk.length > most && size > 0) {
      yield Buffer.concat(small)
      small = []
      size = 0
    }
    if (chunk.length >= most) yield chunk
    else {
      small.push(chunk)
      size += chunk.length
    }
  }
  if (size > 0) yield Buffer.concat(small)
}
