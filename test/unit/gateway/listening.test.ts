/** The server that listens, by real connections and without an engine: who comes in, and who is kept out. */
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { PassThrough } from 'node:stream'
import { Client, type ClientChannel, type ConnectConfig } from 'ssh2'
import { DockerBashError } from '../../../src/lib/errors'
import { Arrivals } from '../../../src/lib/gateway/arrivals'
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
const wide = { connections: 200, perKey: 100, connectionsPerMinute: 100_000, loginsPerMinute: 1000 }
const { entries } = readAuthorized(formatPublic(own.public))
const gate: Gate = {
  hostKey: host.private,
  bounds: { ...wide, loginsPerMinute: 40 },
  entries: () => entries,
  enter: async (name, { permits }, { begin, ends }) => {
    entered.push(name)
    if (name !== 'web') throw new DockerBashError(`no container named ${name}`, { hint: 'docker-bash ls' })
    const where = { container: 'web', id: 'abc' }
    return { container: echoing(), permits, begin, ...(ends && { ends }), where }
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
  const bounds = { ...wide, loginsPerMinute: 1 }
  const served = serveAll([busy], { ...gate, bounds }, done.signal)
  const { port: at } = busy.address() as { port: number }
  for (let left = 15; left > 0; left--) await logIn({ port: at, privateKey: other.private })
  done.abort()
  await served
  const why = told.map((line) => line.why)
  expect(why.slice(0, 2)).toEqual(['no key fits', 'too many logins a minute fail'])
  expect(why.length).toBeLessThanOrEqual(11)
})

test('junk keys keep out nobody behind the same address who has a right one; a wrong one ends its connection then', async () => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const done = new AbortController()
  const served = serveAll([busy], { ...gate, bounds: { ...wide, loginsPerMinute: 3 } }, done.signal)
  const { port: at } = busy.address() as { port: number }
  let shown = 0
  const handler = (keys: readonly string[]) =>
    (() => {
      const key = keys[shown++]
      return key ? { type: 'publickey', username: 'web', key } : false
    }) as never
  for (let left = 5; left > 0; left--) await logIn({ port: at, privateKey: other.private })
  await logIn({ port: at, authHandler: handler([other.private, own.private]) })
  // Before it came to the right one.
  expect(shown).toBe(1)
  const all = [await logIn({ port: at }), await logIn({ port: at }), await logIn({ port: at })]
  expect(all.map(({ error }) => error)).toEqual([undefined, undefined, undefined])
  // Of its own it has no more than three, either.
  expect((await logIn({ port: at })).banner).toMatch(
    /^docker-bash: this key has logged in more than 3 times a minute\r\n/,
  )
  for (const { client } of all) client.end()
  done.abort()
  await served
})

test('a wrong key in front of a right one is no failure', async () => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const done = new AbortController()
  const served = serveAll([busy], { ...gate, bounds: { ...wide, loginsPerMinute: 4 } }, done.signal)
  const { port: at } = busy.address() as { port: number }
  const tried = async () => {
    const keys = [other.private, own.private]
    const authHandler = () => ({ type: 'publickey', username: 'web', key: keys.shift() ?? own.private })
    const { client, error } = await logIn({ port: at, authHandler: authHandler as never })
    client.end()
    return error
  }
  for (let left = 4; left > 0; left--) expect(await tried()).toBeUndefined()
  expect((await logIn({ port: at, privateKey: other.private })).error).toBeDefined()
  done.abort()
  await served
  expect(told.flatMap(({ why }) => why ?? [])).toEqual(['no key fits'])
})

test('one key has so many connections at once, from wherever; the next has room when one of them ends', async () => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const done = new AbortController()
  const served = serveAll([busy], { ...gate, bounds: { ...wide, perKey: 2 } }, done.signal)
  const { port: at } = busy.address() as { port: number }
  const [one, two] = [await logIn({ port: at }), await logIn({ port: at, localAddress: '127.0.0.2' })]
  expect([one.error, two.error]).toEqual([undefined, undefined])
  const three = await logIn({ port: at })
  expect(three.banner).toBe(
    'docker-bash: this key has 2 connections already\r\n  share one: ssh -o ControlMaster=auto\r\n',
  )
  one.client.end()
  while (told.at(-1)?.event !== 'left') await new Promise((turn) => setTimeout(turn, 5))
  expect((await logIn({ port: at })).error).toBeUndefined()
  done.abort()
  await served
})

test('of a flood from one address few come to a key exchange; others go on, in and fresh', async () => {
  const busy = createServer().listen(0, '127.0.0.1')
  await once(busy, 'listening')
  const done = new AbortController()
  const served = serveAll([busy], { ...gate, bounds: { ...wide, connectionsPerMinute: 20 } }, done.signal)
  const { port: at } = busy.address() as { port: number }
  let greeted = 0
  const flood = Array.from({ length: 300 }, async () => {
    const socket = connect({ port: at, host: '127.0.0.1', localAddress: '127.0.0.9' }).on('error', () => undefined)
    socket.once('data', () => {
      greeted++
      socket.destroy()
    })
    await once(socket, 'close').catch(() => undefined)
  })
  const { error, client } = await logIn({ port: at, localAddress: '127.0.0.3' })
  await Promise.all(flood)
  expect(error).toBeUndefined()
  expect(await echo(client, 'in')).toBe('in')
  // One more every three seconds.
  expect(greeted).toBeGreaterThanOrEqual(20)
  expect(greeted).toBeLessThan(40)
  expect(told.filter(({ why }) => why === 'too many connections a minute').length).toBe(10)
  client.end()
  done.abort()
  await served
})

test('fresh connections: of one address, in all, and those from where somebody logged in', () => {
  let now = 0
  const arrivals = new Arrivals(6, () => now)
  const some = (address: string, count: number) =>
    Array.from({ length: count }, () => arrivals.may(address)).filter(Boolean).length
  arrivals.know('10.0.0.1')
  expect(some('10.0.0.2', 10)).toBe(6)
  // A /64 is one.
  expect(some('2001:db8::1', 3) + some('2001:db8::2', 10)).toBe(6)
  expect(some('10.0.0.3', 10)).toBe(0)
  expect(some('10.0.0.1', 10)).toBe(6)
  now += 10_000
  // Ten as many a minute in all, as far as there is room for them at once.
  expect([some('10.0.0.2', 10), some('10.0.0.4', 10), some('10.0.0.5', 10)]).toEqual([1, 6, 3])
  now += 24 * 60 * 60_000
  for (const address of ['10.1.0.1', '10.1.0.2']) some(address, 6)
  expect(some('10.0.0.1', 1)).toBe(0)
})

test('places: in all, of one address, waiting', () => {
  const limits = new Limits({ ...wide, connections: 4 })
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

  const many = new Limits({ ...wide, connections: 1000 })
  const ended: string[] = []
  many.enter('10.0.0.9', () => ended.push('other'))
  for (let at = 0; at < 70; at++) many.enter('10.0.0.1', () => ended.push(String(at)))
  expect(ended).toEqual(['0', '1', '2', '3', '4', '5', '6'])
  // Full: who waits gives way, who is in does not.
  const few = new Limits({ ...wide, connections: 2 })
  expect(
    [few.enter('10.0.0.1', () => ended.push('first')), few.enter('10.0.0.1', () => undefined)].every(Boolean),
  ).toBe(true)
  few.enter('10.0.0.2', () => undefined)?.settle()
  few.enter('10.0.0.3', () => undefined)?.settle()
  expect(ended.slice(7)).toEqual(['first'])
  expect(few.enter('10.0.0.4', () => undefined)).toBeUndefined()
})

test('what failed a minute ago is forgotten, and by whom it was long ago', () => {
  let now = 0
  const limits = new Limits({ ...wide, loginsPerMinute: 2 }, () => now)
  const tries = () => ['2001:db8::1', '2001:db8::2', '2001:db8:0:0:5::', '10.0.0.1'].map((a) => limits.mayFail(a))
  expect(tries()).toEqual([true, true, false, true])
  now += 60_000
  expect(tries()).toEqual([true, true, false, true])
  for (let at = 0; at < 10_000; at++) limits.mayFail(`10.1.${at >> 8}.${at & 255}`)
  expect(limits.mayFail('2001:db8::1')).toBe(true)
})

test('what is offered: nothing with SHA-1, CBC, an own group exchange or compression', async () => {
  const socket = connect(port(), '127.0.0.1')
  socket.write('SSH-2.0-test\r\n')
  let text = ''
  for await (const chunk of socket) {
    text += chunk.toString('latin1')
    if (text.includes('none,') || /\0\0\0\x04none\0\0\0\x04none/.test(text)) break
  }
  const begin = text.indexOf('\n') + 1 + 4 + 1 + 1 + 16
  const bytes = Buffer.from(text.slice(begin), 'latin1')
  const lists: string[] = []
  for (let at = 0; lists.length < 8; at += 4 + bytes.readUInt32BE(at)) {
    lists.push(bytes.toString('latin1', at + 4, at + 4 + bytes.readUInt32BE(at)))
  }
  const ciphers = 'aes128-gcm@openssh.com,aes256-gcm@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr'
  const macs = 'hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512'
  expect(lists).toEqual([
    'diffie-hellman-group16-sha512,curve25519-sha256,curve25519-sha256@libssh.org,' +
      'ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group14-sha256,' +
      // Against Terrapin (CVE-2023-48795).
      'kex-strict-s-v00@openssh.com',
    'ssh-ed25519',
    ...[ciphers, ciphers, macs, macs, 'none', 'none'],
  ])
})

test('a line of the audit is JSON of one piece, whatever is in it', () => {
  const line = auditLine({ event: 'channel', kind: 'exec', what: '\x1b[2J\n\u202e'.repeat(100_000), ms: 1 })
  expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096)
  expect(line).toMatch(/^[\x20-\x7e…]+\n$/)
  expect(JSON.parse(line)).toMatchObject({ event: 'channel', what: expect.stringMatching(/^\x1b\[2J\n/), ms: 1 })
})
