import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSocket, readInPlace } from '../../../src/lib/engine/in-place'

const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) % 251))
const folder = mkdtempSync(join(tmpdir(), 'docker-bash-in-place-'))
const path = join(folder, 'socket')
let server: Server

beforeAll(async () => {
  server = createServer((socket) => socket.end(sent))
  await new Promise<void>((go) => server.listen(path, go))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

test('bytes handed over in place are all there, and lie in one piece of memory', async () => {
  const socket = openSocket({ path })
  const hash = createHash('sha256')
  const places = new Set<ArrayBufferLike>()
  readInPlace(socket, (bytes) => {
    hash.update(bytes)
    places.add(bytes.buffer)
  })
  await new Promise((ended) => socket.once('end', ended))
  expect(hash.digest('hex')).toBe(createHash('sha256').update(sent).digest('hex'))
  expect(places.size).toBe(1)
})

test('what came before comes first, a pause holds, and the memory of who only listens is its own', async () => {
  const socket = openSocket({ path })
  const early: Buffer[] = []
  await new Promise<void>((go) =>
    socket.once('data', (bytes: Buffer) => {
      early.push(bytes)
      socket.pause()
      go()
    }),
  )
  // In the stream already, as what an engine says behind its answer's head.
  const [first] = early
  socket.unshift(Buffer.from('first'))
  await new Promise((later) => setTimeout(later, 20))
  const seen: Buffer[] = []
  readInPlace(socket, (bytes) => seen.push(Buffer.from(bytes)))
  socket.resume()
  await new Promise((ended) => socket.once('end', ended))
  expect(seen[0]?.toString()).toBe('first')
  expect(Buffer.concat([first ?? Buffer.alloc(0), ...seen.slice(1)]).equals(sent)).toBe(true)
})
