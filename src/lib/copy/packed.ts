import { spawn } from 'node:child_process'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { DockerBashError, errno } from '../errors'

const programs: readonly (readonly [magic: string, program: string])[] = [
  ['fd377a585a00', 'xz'],
  ['425a68', 'bzip2'],
  ['28b52ffd', 'zstd'],
]

/**
 * A stream of plain bytes, whatever it is packed with. This host's programs unpack: never the container's, as its engine
 * may (CVE-2026-41567).
 */
export async function* unpacked(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]()
  let front = Buffer.alloc(0)
  while (front.length < 6) {
    const { done, value } = await chunks.next()
    if (done) break
    front = Buffer.concat([front, value])
  }
  const whole = Readable.from(joined(front, chunks), { objectMode: false })
  const magic = front.toString('hex', 0, 6)
  const [, program] = programs.find(([start]) => magic.startsWith(start)) ?? []
  if (magic.startsWith('1f8b')) yield* whole.compose(createGunzip()) as unknown as AsyncIterable<Buffer>
  else if (program) yield* through(program, whole)
  else yield* whole as AsyncIterable<Buffer>
}

/** A stream of which the front has been read. */
export async function* joined(front: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (front.length > 0) yield front
  for (;;) {
    const { done, value } = await rest.next()
    if (done) return
    yield value
  }
}

async function* through(program: string, stream: Readable): AsyncGenerator<Buffer> {
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise<number | null>((settle, reject) => {
    child.once('error', (cause) => {
      const why = errno(cause) === 'ENOENT' ? 'it is not installed here' : cause.message
      reject(new DockerBashError(`the stream is packed with ${program}: ${why}`, { cause }))
    })
    child.once('close', settle)
  })
  ended.catch(() => undefined)
  pipeline(stream, child.stdin, () => undefined)
  yield* child.stdout as AsyncIterable<Buffer>
  if ((await ended) !== 0) throw new DockerBashError(`the stream is damaged: ${program} cannot unpack it`, {})
}
