import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type DatagramLimits, relayDatagrams } from '../../../src/lib/forward/datagrams'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close()
})

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4')
  sockets.push(socket)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

async function relayed(limits: DatagramLimits) {
  const [at, server] = [await bound(), await bound()]
  const to = { host: '127.0.0.1', port: server.address().port }
  const left: { out: number; back: number }[] = []
  let wake: () => void = () => undefined
  const opened: Socket[] = []
  const events = {
    joined: () => undefined,
    left: (carried: { out: number; back: number }) => {
      left.push(carried)
      wake()
    },
    refused: () => undefined,
  }
  const open = async () => {
    const socket = createSocket('udp4')
    opened.push(socket)
    return { socket, to }
  }
  const forget = relayDatagrams(at, open, events, limits)
  const ask = async (client: Socket, text: string) => {
    client.send(text, at.address().port, '127.0.0.1')
    const [bytes, from] = await once(server, 'message')
    return { text: String(bytes), from: from.port as number }
  }
  const oneLeft = () => new Promise<void>((settle) => (wake = settle))
  return { at, server, left, opened, forget, ask, oneLeft }
}

const long = { idleMs: 60_000, peers: 8 }

test('a socket for each client, and each gets its own answers', async () => {
  const { server, ask, forget, opened } = await relayed(long)
  const [one, other] = [await bound(), await bound()]
  const [first, second, third] = [await ask(one, 'a'), await ask(other, 'b'), await ask(one, 'c')]
  expect([first.text, second.text, third.text]).toEqual(['a', 'b', 'c'])
  expect(third.from).toBe(first.from)
  expect(second.from).not.toBe(first.from)
  expect(opened).toHaveLength(2)
  server.send('for b', second.from, '127.0.0.1')
  expect(String((await once(other, 'message'))[0])).toBe('for b')
  forget()
})

test('whoever else sends to a client’s socket is not heard', async () => {
  const { server, ask, forget } = await relayed(long)
  const [client, stranger] = [await bound(), await bound()]
  const { from } = await ask(client, 'a')
  stranger.send('forged', from, '127.0.0.1')
  server.send('real', from, '127.0.0.1')
  expect(String((await once(client, 'message'))[0])).toBe('real')
  forget()
})

test('a client that is silent is forgotten, and begins anew', async () => {
  const { ask, left, oneLeft, opened, forget } = await relayed({ idleMs: 50, peers: 8 })
  const client = await bound()
  const gone = oneLeft()
  await ask(client, 'four')
  await gone
  expect(left).toEqual([{ out: 4, back: 0 }])
  await ask(client, 'again')
  expect(opened).toHaveLength(2)
  forget()
})

test('one client more takes the place of the one silent for longest', async () => {
  const { ask, left, opened, forget } = await relayed({ idleMs: 60_000, peers: 2 })
  const [one, two, three] = [await bound(), await bound(), await bound()]
  const { from } = await ask(one, '1')
  await ask(two, '22')
  expect((await ask(one, '1')).from).toBe(from)
  await ask(three, '333')
  // The second: the first was heard after it.
  expect(left).toEqual([{ out: 2, back: 0 }])
  expect(opened).toHaveLength(3)
  forget()
  expect(left).toHaveLength(3)
})
