/** Something between us and the engine cuts, delays or changes what it says. */
import { once } from 'node:events'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { run } from '../../support/cli'
import { type Container, container } from '../../support/containers'
import { scratch, sharedEngine } from '../../support/engine'
import type { Random } from '../../support/random'
import { type Attack, unforeseen } from './attack'

let box: Container

/** What becomes of the engine's bytes, in the order they come; `end` cuts the connection. */
type Lie = (chunk: Buffer, end: () => void) => Buffer

export const engines: Attack = {
  async prepare() {
    box = await container({ image: 'busybox' })
  },

  async attempt(draw, say) {
    const via = draw.pick(['exec', 'exec', 'runc', 'nsenter', 'debug'])
    const kind = draw.pick(['cut', 'changed', 'junk', 'slow', 'twice'] as const)
    const lie = liar(kind, draw)
    say(`${via} through an engine whose answers are ${kind}`)

    const path = join(scratch('engine'), 'docker.sock')
    const server = createServer({ allowHalfOpen: true }, (client) => between(client, lie())).listen(path)
    await once(server, 'listening')
    try {
      const words = ['--via', via, box.name, 'sh', '-c', 'echo out; exit 3']
      const { code, stdout, stderr } = await run(words, { env: { DOCKER_HOST: `unix://${path}` }, timeoutMs: 120_000 })
      // Its own code, a refusal, or a lost connection; never "fine".
      if (kind !== 'changed') expect([3, 125, 255]).toContain(code)
      if (code === 3 && kind !== 'changed') expect(stdout.toString()).toBe('out\n')
      expect(stderr).not.toMatch(unforeseen)
      expect(stderr).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/)
      expect(stderr.length).toBeLessThan(8_192)
    } finally {
      server.close()
    }
  },
}

function between(client: Socket, lie: Lie): void {
  // Half of a connection may end before the other: a session's input does.
  const engine = createConnection({ path: sharedEngine().host.slice('unix://'.length), allowHalfOpen: true })
  client.pipe(engine)
  engine.on('data', (chunk: Buffer) => {
    if (!client.destroyed) client.write(lie(chunk, () => client.destroy()))
  })
  engine.on('close', () => client.end())
  client.on('close', () => engine.destroy())
  for (const socket of [client, engine]) socket.on('error', () => {})
}

/** All is drawn here; each connection then goes by it. */
function liar(kind: 'cut' | 'changed' | 'junk' | 'slow' | 'twice', draw: Random): () => Lie {
  const at = draw.int(0, kind === 'cut' ? 1_500 : 12_000)
  const junk = draw.bytes(draw.int(1, 64))
  return () => {
    let seen = 0
    return (chunk, end) => {
      const here = at - seen
      seen += chunk.length
      if (here < 0 || here >= chunk.length) return chunk
      if (kind === 'cut') {
        setImmediate(end)
        return chunk.subarray(0, here)
      }
      if (kind === 'changed') chunk[here] = (chunk[here] ?? 0) ^ (junk[0] ?? 1)
      if (kind === 'junk') return Buffer.concat([chunk.subarray(0, here), junk, chunk.subarray(here)])
      if (kind === 'twice') return Buffer.concat([chunk, chunk.subarray(here)])
      return chunk
    }
  }
}
