/** Two connections that are joined: all bytes, ends of one way, resets, whoever reads slowly. Neither root nor an engine. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type Carried, relay, reset } from '../../../src/lib/forward/relay'
import { temporary } from '../../support/temporary'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Listens by a port, or by a path. */
async function listening(path: string | undefined, heard: (socket: Socket) => void): Promise<() => Socket> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, heard)
  servers.push(server)
  if (path === undefined) server.listen(0, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  const to = path === undefined ? { host: '127.0.0.1', port: (server.address() as AddressInfo).port } : { path }
  return () => connect({ ...to, allowHalfOpen: true })
}

/** @param serve is given the far side. @returns connects to the near one */
async function joined(serve: (socket: Socket) => void, path?: string, wrap = (socket: Socket): Duplex => socket) {
  const far = await listening(path && `${path}-far`, (socket) => serve(socket.resume()))
  const ended: Promise<Carried>[] = []
  const near = await listening(path, (client) => {
    client.on('error', () => undefined)
    const socket = far()
    socket.once('connect', () => ended.push(relay(wrap(client), socket)))
  })
  return { connect: near, ended }
}

/** Up to the end of that way. */
async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'end')
  return Buffer.concat(chunks)
}

const sum = (chunks: readonly Buffer[]) => chunks.reduce((total, { length }) => total + length, 0)

describe.each([
  ['by ports', () => undefined],
  ['by paths', () => join(temporary('relay'), 'socket')],
])('%s', (_, path) => {
  test('all bytes both ways, though neither side reads all the time', async () => {
    const { connect, ended } = await joined((socket) => {
      // Echoes, in fits and starts.
      socket.on('data', (chunk) => {
        socket.write(chunk)
        if (chunk.length % 3 === 0) socket.pause() && setTimeout(() => socket.resume(), 1)
      })
      socket.on('end', () => socket.end())
    }, path())
    const bytes = randomBytes(24 * 1024 * 1024)
    const socket = connect()
    socket.end(bytes)
    const back: Buffer[] = []
    let before = 0
    for await (const chunk of socket) {
      back.push(chunk as Buffer)
      if (sum(back) - before < 4 * 1024 * 1024) continue
      before = sum(back)
      await new Promise((settle) => setTimeout(settle, 20))
    }
    expect(Buffer.concat(back).equals(bytes)).toBe(true)
    expect(await Promise.all(ended)).toEqual([{ out: bytes.length, back: bytes.length }])
  })

  test('an end of one way is handed on by itself', async () => {
    const { connect } = await joined((socket) => {
      socket.end('mine first')
      all(socket).then((bytes) => {
        last = bytes.toString()
      })
    }, path())
    let last: string | undefined
    const socket = connect()
    expect((await all(socket)).toString()).toBe('mine first')
    expect(last).toBeUndefined()
    socket.end('and yours')
    await once(socket, 'close')
    while (last === undefined) await new Promise((settle) => setImmediate(settle))
    expect(last).toBe('and yours')
  })
})

test('many at once and many one after the other, each with its own bytes', async () => {
  const { connect, ended } = await joined((socket) => socket.pipe(socket))
  for (let round = 0; round < 4; round++) {
    const works = Array.from({ length: 60 }, async (_, at) => {
      const bytes = randomBytes(1 + at * 5000)
      const socket = connect()
      socket.end(bytes)
      return (await all(socket)).equals(bytes)
    })
    expect(await Promise.all(works)).not.toContain(false)
  }
  expect(await Promise.all(ended)).toHaveLength(240)
})

test('a reset is a reset, either way', async () => {
  const { connect, ended } = await joined((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.resetAndDestroy())
  })
  const socket = connect()
  socket.write('x')
  await expect(all(socket)).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect(await Promise.all(ended)).toEqual([{ out: 1, back: 0 }])
  const far = new Promise<unknown>((settle) => {
    void joined((other) => other.on('error', settle)).then(({ connect: begin }) => {
      const one = begin().on('error', () => undefined)
      one.write('x', () => setTimeout(() => one.resetAndDestroy(), 20))
    })
  })
  expect(await far).toMatchObject({ code: 'ECONNRESET' })
})

test('one whose end is just being sent is closed, too', async () => {
  const begin = await listening(undefined, (socket) => socket.on('error', () => undefined).resume())
  const socket = begin()
  await once(socket, 'connect')
  socket.end('x')
  reset(socket)
  await once(socket, 'close')
})

test('one of which something was read before keeps what was given back', async () => {
  const { connect } = await joined(
    (socket) => socket.pipe(socket),
    undefined,
    (client) => {
      client.unshift(Buffer.from('given back, '))
      return client
    },
  )
  const socket = connect()
  socket.end('and the rest')
  expect((await all(socket)).toString()).toBe('given back, and the rest')
})
