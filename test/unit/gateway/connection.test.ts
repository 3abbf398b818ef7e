/** The connection protocol: ends by themselves, what comes early, windows, and what breaks the rules. */
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import type { Channel } from '../../../src/lib/ssh/server/channel'
import { Connection } from '../../../src/lib/ssh/server/connection'
import type { Wire } from '../../../src/lib/ssh/server/mended'

const number = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const string = (value: string | Buffer) => Buffer.concat([number(value.length), Buffer.from(value)])
const message = (type: number, ...parts: Buffer[]) => Buffer.concat([Buffer.from([type]), ...parts])
const open = (window = 1_000_000, packet = 32_768) =>
  message(90, string('session'), number(7), number(window), number(packet))
const data = (bytes: string | Buffer) => message(94, number(0), string(bytes))

function begin(full: { is: boolean } = { is: false }) {
  const sent: unknown[][] = []
  const wire: Wire = {
    send: (...all) => void sent.push(all),
    get isFull() {
      return full.is
    },
  }
  const channels: Channel[] = []
  const connection = new Connection(wire, {
    session: (channel) => void channels.push(channel),
    connect: () => Promise.reject(new Error('nobody there')),
    join: () => undefined,
    ask: (name) => (name === 'good' ? Promise.resolve(Buffer.from('!')) : Promise.resolve(undefined)),
  })
  return { sent, channels, connection, verbs: () => sent.map(([verb]) => verb) }
}

function opened(window?: number, packet?: number, full?: { is: boolean }) {
  const begun = begin(full)
  begun.connection.take(open(window, packet))
  const [channel] = begun.channels
  if (!channel) throw new Error('no channel')
  begun.sent.length = 0
  return { ...begun, channel }
}

test('what comes before anybody reads is kept, to the end', async () => {
  const { connection, channel } = opened()
  connection.take(data('early'))
  connection.take(message(96, number(0)))
  expect(await text(channel.input)).toBe('early')
})

test('an end of ours is an end, and not a close: what comes behind it is read', async () => {
  const { connection, channel, verbs } = opened()
  channel.output.end('question')
  await new Promise((ended) => channel.output.once('finish', ended))
  expect(verbs()).toEqual(['channelData', 'channelEOF'])
  connection.take(data('answer'))
  connection.take(message(96, number(0)))
  expect(await text(channel.input)).toBe('answer')
  channel.close()
  expect(verbs()).toEqual(['channelData', 'channelEOF', 'channelClose'])
})

test('no more goes out than the window lets, in packets as large as they may be', () => {
  const { connection, channel, sent } = opened(5, 3)
  channel.output.write('abcdefg')
  expect(sent.map(([, , bytes]) => String(bytes))).toEqual(['abc', 'de'])
  connection.take(message(93, number(0), number(10)))
  expect(sent.map(([, , bytes]) => String(bytes))).toEqual(['abc', 'de', 'fg'])
})

test('what is asked of the connection is done before what comes behind it is reached', async () => {
  const done: string[] = []
  const wire: Wire = { send: (...[verb]) => void done.push(verb), isFull: false }
  const connection: Connection = new Connection(wire, {
    session: () => undefined,
    connect: async () => {
      done.push('connect')
      throw new Error('nobody there')
    },
    join: () => undefined,
    ask: () => new Promise((settle) => setImmediate(settle, Buffer.alloc(0))),
  })
  connection.take(message(80, string('slow'), Buffer.from([1])))
  const to = message(90, string('direct-tcpip'), number(1), number(10), number(10), string('localhost'), number(80))
  connection.take(to)
  while (done.length < 3) await new Promise((go) => setImmediate(go))
  expect(done).toEqual(['requestSuccess', 'connect', 'channelOpenFail'])
})

test('while the way is full nothing is sent', () => {
  const full = { is: true }
  const { connection, channel, sent } = opened(100, 100, full)
  channel.errors.write('x')
  expect(sent).toEqual([])
  full.is = false
  connection.room()
  expect(sent).toEqual([['channelExtData', 7, Buffer.from('x'), 1]])
})

test('who does not read grants no more; who reads does', async () => {
  const { connection, channel, verbs } = opened()
  for (let count = 0; count < 32; count++) connection.take(data(Buffer.alloc(32_768)))
  await new Promise((go) => setImmediate(go))
  expect(verbs().filter((verb) => verb === 'channelWindowAdjust')).toHaveLength(0)
  expect(() => connection.take(data('x'))).toThrow('more was sent than the window allows')
  channel.input.pipe(new PassThrough().resume())
  await new Promise((go) => setTimeout(go, 50))
  expect(verbs()).toContain('channelWindowAdjust')
})

test.each([
  ['a channel that is not there', message(94, number(9), string('x'))],
  ['data behind the end', data('x')],
  ['a string that is longer than its message', message(94, number(0), number(100))],
  ['a message that is cut off', message(98, number(0))],
  ['a window beyond what can be counted', message(93, number(0), number(0xffffffff))],
  ['an answer to what was not asked', message(91, number(3), number(0), number(0), number(1))],
])('%s breaks the protocol', (_, bad) => {
  const { connection } = opened()
  connection.take(message(96, number(0)))
  expect(() => connection.take(bad)).toThrow()
})

test('requests are answered in their order, whatever they take', async () => {
  const { connection, sent } = begin()
  for (const name of ['good', 'bad', 'good']) connection.take(message(80, string(name), Buffer.from([1])))
  await new Promise((go) => setImmediate(go))
  expect(sent).toEqual([['requestSuccess', Buffer.from('!')], ['requestFailure'], ['requestSuccess', Buffer.from('!')]])
})

test('requests that wait for an answer are few and short', () => {
  const { connection } = begin()
  const request = (length: number) => message(80, string('good'), Buffer.from([1]), Buffer.alloc(length))
  expect(() => connection.take(request(8192))).toThrow('too long')
  for (let at = 0; at < 2048; at++) connection.take(request(100))
  expect(() => connection.take(request(100))).toThrow('too many')
})

test('channels have a limit, and no more sessions is kept to', async () => {
  const { connection, channels, sent } = begin()
  for (let count = 0; count < 65; count++) connection.take(open())
  expect(channels).toHaveLength(64)
  expect(sent.at(-1)).toEqual(['channelOpenFail', 7, 4, 'too many channels'])
  const other = begin()
  other.connection.take(message(80, string('no-more-sessions@openssh.com'), Buffer.from([0])))
  other.connection.take(open())
  expect(other.channels).toHaveLength(0)
})

test('a client that goes ends its channels, and who writes hears of it', async () => {
  const { connection, channel } = opened(0)
  const written = new Promise<Error | null | undefined>((settle) => channel.output.write('x', settle))
  connection.end()
  await channel.closed
  expect(await written).toMatchObject({ code: 'EPIPE' })
})
