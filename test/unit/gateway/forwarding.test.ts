/** A connection joined to a channel: nothing of either way is lost, however slow the other side is. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join as path } from 'node:path'
import { Forwarding, join } from '../../../src/lib/gateway/forwarding'
import type { Guest } from '../../../src/lib/gateway/guest'
import { everything } from '../../../src/lib/gateway/permits'
import { string } from '../../../src/lib/ssh/openssh-format'
import { Channel } from '../../../src/lib/ssh/server/channel'
import type { Connection } from '../../../src/lib/ssh/server/connection'
import { Fields } from '../../../src/lib/ssh/server/fields'
import { temporary } from '../../support/temporary'

/** A channel that is joined to a connection, whose other end is `far`. */
async function joined(window: number) {
  const at = path(temporary('joined'), 'socket')
  const server = createServer({ allowHalfOpen: true }).listen(at)
  const socket = connect({ path: at, allowHalfOpen: true })
  const [far] = (await once(server, 'connection')) as [Socket]
  server.close()
  const sent: unknown[][] = []
  const wire = { send: (...all: unknown[]) => void sent.push(all), isFull: false }
  const channel = new Channel(wire, { number: 7, window, packet: 32_768 })
  join(channel, socket)
  const bytes = () =>
    sent.reduce((sum, [verb, , data]) => sum + (verb === 'channelData' ? (data as Buffer).length : 0), 0)
  return { channel, far, bytes, verbs: () => sent.map(([verb]) => verb) }
}

const few = 60_000
const many = 300_000

test('what it sent before it ended comes, to a client that reads slowly', async () => {
  const { channel, far, bytes, verbs } = await joined(1_000)
  channel.ended()
  far.resume()
  await once(far, 'end')
  // As much as is read before the client wants any of it.
  far.end(Buffer.alloc(few))
  await once(far, 'close')
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  while (bytes() < few) {
    expect(verbs()).not.toContain('channelClose')
    channel.widen(5_000)
    await new Promise(setImmediate)
  }
  while (!verbs().includes('channelClose')) await new Promise(setImmediate)
  expect({ bytes: bytes(), last: verbs().slice(-2) }).toEqual({ bytes: few, last: ['channelEOF', 'channelClose'] })
})

test('what the client sent before it closed comes, to one that reads slowly', async () => {
  const { channel, far } = await joined(1_000)
  for (let left = many; left > 0; left -= 30_000) channel.take(Buffer.alloc(30_000))
  channel.gone()
  let count = 0
  far.on('data', (chunk: Buffer) => {
    count += chunk.length
  })
  await once(far, 'end')
  expect(count).toBe(many)
  far.destroy()
})

test('what begins to listen when the client has gone is closed', async () => {
  const server = createServer()
  const closed = once(server, 'close')
  const listen = async () => {
    forwarding.close()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return server
  }
  const container = { sockets: async () => ({ maker: { listen }, held: { name: 'web', pid: 1, start: 1 } }) }
  const forwarding = new Forwarding({ container, permits: everything, begin: () => () => undefined } as never as Guest)
  const fields = new Fields(Buffer.concat([string('127.0.0.1'), Buffer.from([0, 0, 0, 0])]))
  await expect(forwarding.ask('tcpip-forward', fields, {} as Connection)).rejects.toThrow('the client is gone')
  await closed
})
