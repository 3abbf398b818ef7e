/** What is mended of ssh2's server, by ssh2's client. */
import { once } from 'node:events'
import { Duplex, PassThrough, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { Client } from 'ssh2'
import { Joined } from '../../../src/lib/gateway/stdio'
import { newPair } from '../../../src/lib/ssh/openssh-format'
import { Connection } from '../../../src/lib/ssh/server/connection'
import { serveSsh } from '../../../src/lib/ssh/server/mended'

test('who asks and does not read is not listened to any more, until it reads', async () => {
  const [there, back] = [new PassThrough(), new PassThrough()]
  let isFrozen = false
  const held: (() => void)[] = []
  const output = new Writable({
    write: (chunk, _, done) => {
      const go = () => back.write(chunk, () => done())
      if (isFrozen) held.push(go)
      else go()
    },
  })
  const stream = new Joined(there, output)
  let asked = 0
  serveSsh(stream, {
    hostKey: newPair('').private,
    door: { methods: ['none'], judge: async () => 'yes' },
    speak: (wire) =>
      new Connection(wire, {
        session: () => undefined,
        connect: () => Promise.reject(new Error('nobody there')),
        join: () => undefined,
        ask: async () => {
          asked++
          return undefined
        },
      }),
  })
  const client = new Client()
  const sock = Duplex.from({ readable: back, writable: there })
  // The end of the test is one.
  for (const one of [sock, client]) one.on('error', () => undefined)
  client.connect({ sock, username: 'x' })
  await once(client, 'ready')
  isFrozen = true
  const protocol = (client as unknown as { _protocol: { ping(): void } })._protocol
  let sent = 0
  const ping = () => {
    protocol.ping()
    sent++
  }
  while (!stream.isPaused() && sent < 100_000) {
    for (let at = 0; at < 200; at++) ping()
    await turn()
  }
  expect(stream.isPaused()).toBe(true)
  expect(stream.writableLength).toBeLessThan(1.2 * 1024 * 1024)
  isFrozen = false
  for (const go of held) go()
  ping()
  while (asked < sent) await turn()
  client.destroy()
  stream.destroy()
})
