/** A session that ends in the chunk that opened it: on a busy machine an sshd's answers come together. */
import { once } from 'node:events'
import { Duplex, duplexPair } from 'node:stream'
import { Client, Server, type ServerChannel } from 'ssh2'
import type { Target } from '../../../src/lib/model'
import { newPair } from '../../../src/lib/ssh/openssh-format'
import { proveSession } from '../../../src/lib/ssh/prove-session'

/** What is written to it in one turn goes on as one chunk. */
class Together extends Duplex {
  readonly #to: Duplex
  readonly #held: Buffer[] = []

  constructor(to: Duplex) {
    super()
    this.#to = to
    to.on('data', (chunk) => this.push(chunk)).on('end', () => this.push(null))
  }

  override _read() {}

  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    if (this.#held.push(chunk) === 1) setImmediate(() => this.#to.write(Buffer.concat(this.#held.splice(0))))
    done()
  }
}

/** A login at a server that answers what it is asked to run at once, in every sense. */
async function login(answer: (channel: ServerChannel, tag: string) => void): Promise<Client> {
  const [near, far] = duplexPair()
  const server = new Server({ hostKeys: [newPair('').private] }, (one) => {
    one.on('authentication', (asked) => asked.accept())
    one.on('session', (accept) => {
      const session = accept()
      session.on('pty', (agree) => agree())
      session.on('exec', (agree, _refuse, { command }) => answer(agree(), command.match(/\S+$/)?.[0] ?? ''))
    })
  })
  server.injectSocket(new Together(far) as never)
  const client = new Client()
  client.connect({ sock: near, username: 'root' })
  await once(client, 'ready')
  return client
}

const target = { name: 'web' } as Target

test('its code is not lost when it comes with all the rest', async () => {
  const client = await login((channel, tag) => {
    channel.write(`${tag.replace(/'/g, '')} 1 root /dev/pts/0\r\n`)
    channel.exit(7)
    channel.end()
  })
  await proveSession(client, target, 'root')
  client.end()
})

test('one that is never said is missed', async () => {
  const client = await login((channel, tag) => {
    channel.write(`${tag.replace(/'/g, '')} 1 root /dev/pts/0\r\n`)
    channel.end()
  })
  await expect(proveSession(client, target, 'root')).rejects.toThrow('does not hand on how a command ended')
  client.end()
})
