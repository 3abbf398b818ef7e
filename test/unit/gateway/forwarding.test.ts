/** A connection joined to a channel: nothing of either way is lost, however slow the other side is. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join as path } from 'node:path'
import { join } from '../../../src/lib/gateway/forwarding'
import { Channel } from '../../../src/lib/ssh/server/channel'
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
