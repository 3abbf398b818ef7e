/** Ten thousand broken packets before a client is in, and as many after it: the same ones each time, by their seed. */
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { utils } from 'ssh2'
import { DockerBashError } from '../../../src/lib/errors'
import type { Container } from '../../../src/lib/gateway/container'
import { everything } from '../../../src/lib/gateway/permits'
import { ServedSession } from '../../../src/lib/gateway/session'
import { Joined } from '../../../src/lib/gateway/stdio'
import { Connection } from '../../../src/lib/ssh/server/connection'
import { serveSsh } from '../../../src/lib/ssh/server/mended'
import { type Random, random } from '../../support/random'

const packets = 10_000

const number = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const string = (value: string | Buffer) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value)])

/** In bytes. */
const held = () => process.memoryUsage().rss
const mebibytes = 1024 * 1024

test('before: nobody comes in, nothing breaks, and nothing is kept', async () => {
  const drawn = random('before')
  const { private: hostKey } = utils.generateKeyPairSync('ed25519')
  const before = held()
  let asked = 0
  let spoken = 0
  for (let sent = 0; sent < packets; ) {
    const [input, output] = [new PassThrough(), new PassThrough()]
    output.resume()
    const stream = new Joined(input, output)
    serveSsh(stream, {
      hostKey,
      door: {
        methods: ['none'],
        judge: async () => {
          asked++
          return 'yes'
        },
      },
      speak: () => {
        spoken++
        throw new Error('nobody is in')
      },
    })
    if (drawn.int(0, 9) > 0) input.write('SSH-2.0-fuzz\r\n')
    const many = drawn.int(1, 20)
    for (let at = 0; at < many; at++, sent++) input.write(early(drawn))
    await turn()
    input.end()
    await turn()
    stream.destroy()
  }
  expect({ asked, spoken }).toEqual({ asked: 0, spoken: 0 })
  expect(held() - before).toBeLessThan(150 * mebibytes)
})

test('after: what breaks the rules is a RangeError, which ends that connection alone', async () => {
  const drawn = random('after')
  const before = held()
  let broken = 0
  for (let sent = 0; sent < packets; ) {
    const { connection, close } = served()
    const many = drawn.int(1, 40)
    try {
      for (let at = 0; at < many; at++, sent++) connection.take(late(drawn))
    } catch (error) {
      // Node's own is of another realm than jest's.
      if ((error as Error).name !== 'RangeError') throw error
      broken++
    }
    await close()
  }
  expect(broken).toBeGreaterThan(100)
  expect(held() - before).toBeLessThan(150 * mebibytes)
})

/** Sessions as they are served, in a container where nothing can be begun. */
function served() {
  const none = () => Promise.reject(new DockerBashError('nothing is there'))
  const container = { name: 'fuzz', login: 'root', open: none, files: none } as unknown as Container
  const sessions: ServedSession[] = []
  const guest = { container, permits: everything, begin: () => () => undefined, where: { container: '', id: '' } }
  const wire = { send: () => undefined, isFull: false }
  const connection = new Connection(wire, {
    session: (channel) =>
      void sessions.push(new ServedSession(guest, channel, { asked: Promise.resolve(), agent: none })),
    connect: none,
    join: () => undefined,
    ask: none,
  })
  const close = async () => {
    connection.end()
    await Promise.all(sessions.map((session) => session.close()))
  }
  return { connection, close }
}

/** A packet as it goes before keys are exchanged, of which something is wrong. */
function early(drawn: Random): Buffer {
  const payload =
    drawn.int(0, 2) === 0 ? keyExchange(drawn) : Buffer.concat([type(drawn), drawn.bytes(drawn.int(0, 80))])
  const padding = 8 - ((payload.length + 5) % 8) + 8
  const packet = Buffer.concat([
    number(payload.length + padding + 1),
    Buffer.from([padding]),
    payload,
    drawn.bytes(padding),
  ])
  for (let left = drawn.int(0, 4); left > 0; left--) packet[drawn.int(0, packet.length - 1)] = drawn.int(0, 255)
  return drawn.int(0, 9) === 0 ? packet.subarray(0, drawn.int(0, packet.length)) : packet
}

const type = (drawn: Random) =>
  Buffer.from([drawn.pick([1, 2, 3, 4, 5, 6, 7, 20, 21, 30, 50, 53, 80, 90, 94, 98, 255])])

function keyExchange(drawn: Random): Buffer {
  const names = ['curve25519-sha256', 'ssh-ed25519', 'aes128-ctr', 'hmac-sha2-256', 'none', '', 'ext-info-c', ',,', 'é']
  const lists = Array.from({ length: 10 }, () => {
    const some = Array.from({ length: drawn.int(0, 3) }, () => drawn.pick(names))
    return string(some.join(','))
  })
  return Buffer.concat([Buffer.from([20]), drawn.bytes(16), ...lists, Buffer.from([drawn.int(0, 1)]), number(0)])
}

/** A message of the connection protocol: its fields as they should be, or not. */
function late(drawn: Random): Buffer {
  const names = [
    'session',
    'direct-tcpip',
    'pty-req',
    'env',
    'exec',
    'shell',
    'subsystem',
    'signal',
    'window-change',
    'x',
  ]
  const small = () => number(drawn.pick([0, 0, 1, 2, 7, 32_768, 0xffffffff]))
  const field = () =>
    drawn.pick([
      small,
      small,
      () => string(drawn.pick([...names, 'auth-agent-req@openssh.com', 'tcpip-forward', 'sftp', 'TERM'])),
      () => string(drawn.bytes(drawn.int(0, 60))),
      () => Buffer.from([drawn.int(0, 1)]),
      () => drawn.bytes(drawn.int(0, 8)),
    ])()
  const open = () => [string('session'), small(), number(drawn.int(0, 2_000_000)), number(drawn.int(1, 65_536))]
  const asked = () => [number(drawn.int(0, 3)), string(drawn.pick(names)), Buffer.from([1]), field(), field(), field()]
  const kind = drawn.pick([80, 90, 90, 91, 92, 93, 94, 95, 96, 97, 98, 98, 98, 99, 100])
  const isMeant = drawn.int(0, 3) > 0
  const fields =
    isMeant && kind === 90 ? open() : isMeant && kind === 98 ? asked() : [small(), field(), field(), field()]
  const message = Buffer.concat([Buffer.from([kind]), ...fields])
  return drawn.int(0, 9) === 0 ? message.subarray(0, drawn.int(1, message.length)) : message
}
