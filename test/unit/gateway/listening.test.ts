/** The server that listens, by real connections and without an engine: who comes in, and who is kept out. */
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { PassThrough } from 'node:stream'
import { Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { DockerBashError } from '../../../src/lib/errors'
import { auditLine, type Told } from '../../../src/lib/gateway/audit'
import { readAuthorized } from '../../../src/lib/gateway/authorized/file'
import type { Container } from '../../../src/lib/gateway/container'
import { Limits } from '../../../src/lib/gateway/limits'
import { type Gate, serveAll } from '../../../src/lib/gateway/listening'
import type { Session } from '../../../src/lib/model'
import { formatPublic } from '../../../src/lib/ssh/fingerprint'
import { newPair } from '../../../src/lib/ssh/openssh-format'

const own = newPair('me\u202e@here')
const other = newPair('other')
const host = newPair('host')

let server: Server
let over: Promise<void>
let entered: string[] = []
const told: Told[] = []
const abort = new AbortController()

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  over = serveAll([server], gate, abort.signal)
})
const { entries } = readAuthorized(formatPublic(own.public))
const gate: Gate = {
  hostKey: host.private,
  bounds: { connections: 200, loginsPerMinute: 40 },
  entries: () => entries,
  enter: async (name, { permits }, begin) => {
    entered.push(name)
    if (name !== 'web') throw new DockerBashError(`no container named ${name}`, { hint: 'docker-bash ls' })
    return { container: echoing(), permits, begin, where: { container: 'web', id: 'abc' } }
  },
  audit: (line: Told) => void told.push(line),
}
afterAll(async () => {
  abort.abort()
  await over
})
beforeEach(() => {
  entered = []
  told.length = 0
})

/** One in which every command gives back what it is sent. */
function echoing(): Container {
  const open = async (): Promise<Session> => {
    const stdin = new PassThrough()
    const stdout = stdin.pipe(new PassThrough())
    const ended = once(stdout, 'end').then(() => ({ code: 3 }))
    return { stdin, stdout, ended, close: async () => void stdout.destroy() } as unknown as Session
  }
  return { name: 'web', login: 'root', open, close: async () => undefined } as unknown as Container
}

const port = () => (server.address() as { port: number }).port
const config = (more: ConnectConfig = {}): ConnectConfig => ({
  ...{ host: '127.0.0.1', port: port(), username: 'web', privateKey: own.private, ...more },
})

/** Until it is in; or what it was told instead. */
async function logIn(more: ConnectConfig = {}, algorithms?: (all: string[]) => void) {
  const client = new Client()
  // Once it is settled nobody listens any more.
  client.on('error', () => undefined)
  let banner = ''
  client.on('banner', (text) => {
    banner += text
  })
  const settled = new Promise<Error | undefined>((settle) => {
    client.once('ready', () => settle(undefined)).once('error', settle)
    client.once('close', () => settle(new Error('it was closed')))
  })
  client.connect(config(more))
  const protocol = (client as unknown as { _protocol: { _handlers: Record<string, unknown> } })._protocol
  protocol._handlers.EXT_INFO = (_: unknown, [{ algs }]: [{ algs: string[] }]) => algorithms?.(algs)
  const error = await settled
  return { client, error, banner }
}

async function echo(client: Client, text: string): Promise<string> {
  const channel = await new Promise<ClientChannel>((settle, reject) => {
    client.exec('echo', (error, made) => (error ? reject(error) : settle(made)))
  })
  channel.end(text)
  let back = ''
  for await (const chunk of channel) back += chunk
  return back
}

test('a key of the file comes in; it hears of all algorithms for signatures; a line for the login and each session', async () => {
  let algorithms: string[] = []
  const { client, error } = await logIn({}, (all) => {
    algorithms = all
  })
  expect(error).toBeUndefined()
  expect(await echo(client, 'hello')).toBe('hello')
  client.end()
  await once(client, 'close')
  expect(algorithms).toEqual(
    'ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521 rsa-sha2-512 rsa-sha2-256'.split(' '),
  )
  while (told.at(-1)?.event !== 'left') await new Promise((turn) => setTimeout(turn, 5))
  const from = expect.stringMatching(/^127\.0\.0\.1 \d+$/)
  expect(told).toMatchObject([
    { event: 'login', result: 'accepted', login: 'web', comment: 'me\u202e@here', line: 1, from, container: 'web' },
    { event: 'channel', kind: 'exec', what: 'echo', how: 'exit 3', from },
    { event: 'left', container: 'web', id: 'abc' },
  ])
  expect(auditLine(told[0] as Told)).toMatch(/"comment":"me\\u202e@here"/)
})

test('without a key nothing is asked of the engine, and every name looks alike', async () => {
  const answers = await Promise.all(
    ['web', 'nowhere', 'app%web', ''].map((username) => logIn({ username, privateKey: other.private })),
  )
  for (const { error, banner } of answers) {
    expect({ text: error?.message, banner }).toEqual({
      ...{ text: 'All configured authentication methods failed', banner: '' },
    })
  }
  expect(entered).toEqual([])
})

test('with a key it is said what is wrong', async () => {
  const { error, banner } = await logIn({ username: 'nowhere' })
  expect(error).toBeDefined()
  expect(banner).toBe('docker-bash: no container named nowhere\r\n  docker-bash ls\r\n')
  expect(told).toContainEqual(
    expect.objectContaining({ event: 'login', result: 'refused', why: 'no container named nowhere' }),
  )
})

test('no method but keys, and six keys that do not fit are enough', async () => {
  const { error } = await logIn({ username: 'web', privateKey: undefined as never, password: 'x' })
  expect(error?.message).toBe('All configured authentication methods failed')
  const keys = Array.from({ length: 8 }, () => newPair('').private)
  let shown = 0
  const authHandler = () => {
    const key = keys[shown++]
    return key ? { type: 'publickey', username: 'web', key } : false
  }
  const { error: many } = await logIn({ authHandler: authHandler as never })
  expect({ shown, is: many !== undefined }).toEqual({ shown: 6, is: true })
  expect(told.map(({ why }) => why)).toContain('too many authentication failures')
})

test('a thousand connections that never log in harm nobody, and nobody is kept out by them', async () => {
  const { client } = await logIn()
  const before = process.memoryUsage().rss
  let arrived = 0
  const all = new Promise<void>((settle) => {
    server.on('connection', () => ++arrived === 1000 && settle())
  })
  const sockets = Array.from({ length: 1000 }, (_, at) => {
    const socket = connect(port(), '127.0.0.1').on('error', () => undefined)
    // Some say nothing, some what is not SSH, some begin as they should.
    if (at % 3 > 0) socket.write(at % 3 === 1 ? 'GET / HTTP/1.0\r\n\r\n' : 'SSH-2.0-x\r\n')
    return socket
  })
  await all
  expect(await echo(client, 'still here')).toBe('still here')
  const late = await logIn()
  expect(late.error).toBeUndefined()
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
  for (const socket of sockets) socket.destroy()
  late.client.end()
  client.end()
  const refused = told.filter(({ event }) => event === 'refused')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThanOrEqual(10)
})

test('who does not log in in time is ended, and who sends nothing for long', async () => {
  const quick = createServer().listen(0, '127.0.0.1')
  await once(quick, 'listening')
  const done = new AbortController()
  const served = serveAll([quick], { ...gate, graceMs: 2000, idleMs: 50 }, done.signal)
  const { port: at } = quick.address() as { port: number }
  const ended = once(connect(at, '127.0.0.1').resume(), 'close')
  const { client, error } = await logIn({ port: at })
  expect(error).toBeUndefined()
  await once(client, 'close')
  await ended
  done.abort()
  await served
})

test('without a login there are no keys but the first', async () => {
  const client = new Client()
  let exchanges = 0
  client.on('handshake', () => {
    if (++exchanges < 5) setImmediate(() => (client as unknown as { _protocol: { rekey(): void } })._protocol.rekey())
  })
  client.on('error', () => undefined)
  const closed = new Promise<void>((settle) => client.once('close', () => settle()))
  // Never makes up its mind.
  client.connect(config({ authHandler: (() => undefined) as never }))
  await closed
  expect(exchanges).toBeLessThan(3)
})

test('who comes again and again fills no log', async () => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const done = new AbortController()
  const bounds = { connections: 200, loginsPerMinute: 1 }
  const served = serveAll([busy], { ...gate, bounds }, done.signal)
  const { port: at } = busy.address() as { port: number }
  for (let left = 15; left > 0; left--) await logIn({ port: at, privateKey: other.private })
  done.abort()
  await served
  const why = told.map((line) => line.why)
  expect(why.slice(0, 2)).toEqual(['no key fits', 'too many logins a minute'])
  expect(why.length).toBeLessThanOrEqual(11)
})

test('places: in all, of one address, waiting, and logins a minute', () => {
  let now = 0
  const limits = new Limits({ connections: 4, loginsPerMinute: 2 }, () => now)
  const enter = (address: string) => {
    const seat = limits.enter(address, () => undefined)
    seat?.settle()
    return seat
  }
  const seats = ['10.0.0.1', '10.0.0.1', '10.0.0.1', '10.0.0.2', '2001:db8::1', '10.0.0.3'].map(enter)
  expect(seats.map(Boolean)).toEqual([true, true, false, true, true, false])
  seats[0]?.leave()
  seats[0]?.leave()
  expect(['10.0.0.3', '10.0.0.4'].map(enter).map(Boolean)).toEqual([true, false])
  const tries = () => ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:5::', '10.0.0.1'].map((a) => limits.mayLogIn(a))
  expect(tries()).toEqual([true, true, false, true])
  now += 60_000
  expect(tries()).toEqual([true, true, false, true])

  const many = new Limits({ connections: 1000, loginsPerMinute: 1 })
  const ended: string[] = []
  many.enter('10.0.0.9', () => ended.push('other'))
  for (let at = 0; at < 70; at++) many.enter('10.0.0.1', () => ended.push(String(at)))
  expect(ended).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  // Full: who waits gives way, who is in does not.
  const few = new Limits({ connections: 2, loginsPerMinute: 1 })
  expect(
    [few.enter('10.0.0.1', () => ended.push('first')), few.enter('10.0.0.1', () => undefined)].every(Boolean),
  ).toBe(true)
  few.enter('10.0.0.2', () => undefined)?.settle()
  few.enter('10.0.0.3', () => undefined)?.settle()
  expect(ended.slice(7)).toEqual(['first'])
  expect(few.enter('10.0.0.4', () => undefined)).toBeUndefined()
})

test('a line of the audit is JSON of one piece, whatever is in it', () => {
  const line = auditLine({ event: 'channel', kind: 'exec', what: '\x1b[2J\n\u202e'.repeat(100_000), ms: 1 })
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096)
  expect(line).toMatch(/^[\x20-\x7e…]+\n$/)
  expect(JSON.parse(line)).toMatchObject({ event: 'channel', what: expect.stringMatching(/^\x1b\[2J\n/), ms: 1 })
})
