import { closeSync, createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { namelessFile } from '../host/anonymous-file'

/**
 * All of a stream before any of it is handed on, in a file without a name: while an engine reads a container's archive or
 * takes one in, it answers nothing else about that container.
 */
export async function* spooled(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const fd = await namelessFile()
  try {
    const file = await open(`/proc/self/fd/${fd}`, 'r+')
    try {
      let at = 0
      for await (const bytes of stream) {
        for (let from = 0; from < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, from, bytes.length - from, at)
          from += bytesWritten
          at += bytesWritten
        }
      }
    } finally {
      await file.close()
    }
    yield* createReadStream('', { fd, start: 0, autoClose: false, highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>
  } finally {
    closeSync(fd)
  }
}
