/** A connection to the engine that ends where it must not: the code is unknown then, and nothing stays behind. */
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { run } from '../support/cli'
import { type Container, container } from '../support/containers'
import { scratch, sharedEngine } from '../support/engine'
import { waitGone } from '../support/processes'

/**
 * Hands on all but what comes from the engine behind so many bytes of an exec's output, its first frame left out where
 * `behindFirst`: there it ends the connection.
 */
function cutting(bytes: number, behindFirst: boolean): Promise<{ host: string; server: Server }> {
  const path = join(scratch('cut'), 'engine.sock')
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: sharedEngine().host.replace('unix://', ''), allowHalfOpen: true })
    let upgraded = false
    let left = behindFirst ? undefined : bytes
    let held = Buffer.alloc(0)
    for (const end of [client, engine]) end.on('error', () => undefined)
    client.pipe(engine)
    engine.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      if (!upgraded) {
        // The engine may write it in pieces.
        const head = held.indexOf('\r\n\r\n') + 4
        const begins = held.toString('latin1', 0, 12) === 'HTTP/1.1 101'
        if (begins && head < 4) return
        upgraded = begins
        const other = begins ? head : held.length
        client.write(held.subarray(0, other))
        held = held.subarray(other)
        if (!upgraded) return
      }
      // Eight bytes of head: which stream, and how long it is.
      if (held.length < 8) return
      left ??= 8 + held.readUInt32BE(4) + bytes
      const output = held
      held = Buffer.alloc(0)
      client.write(output.subarray(0, left))
      if (output.length > left) {
        client.end()
        engine.destroy()
      }
      left -= Math.min(left, output.length)
    })
    engine.on('end', () => client.end())
  })
  return new Promise((settle) => server.listen(path, () => settle({ host: `unix://${path}`, server })))
}

const servers: Server[] = []
afterAll(() => servers.map((server) => server.close()))
let web: Container
beforeAll(async () => {
  web = await container({ image: 'busybox' })
})

async function through(bytes: number, behindFirst = false) {
  const { host, server } = await cutting(bytes, behindFirst)
  servers.push(server)
  return { ...sharedEngine(), host }
}

test.each([
  ['in the head of a frame', 3],
  ['in its bytes', 8 + 2],
])('a connection cut %s is 255, and why', async (_, behind) => {
  // The barrier's own line comes first.
  const place = await through(behind, true)
  const script = 'while :; do echo a line of the output; sleep 0.01; done; : mark-7301'
  const { code, stdout, stderr } = await run(['--via', 'exec', web.name, 'sh', '-c', script], { place })
  expect({ code, stderr }).toEqual({
    code: 255,
    stderr: expect.stringContaining(
      `docker-bash: lost ${web.name}: the connection was cut in the middle of the output`,
    ),
  })
  expect(stdout.length).toBeLessThan(2000)
  await waitGone(web.id, /mark-7301/, 5000)
})

test('cut before the command begins, nothing begins', async () => {
  const place = await through(5)
  const { code, stdout, stderr } = await run(['--via', 'exec', web.name, 'touch', '/begun'], { place })
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
  expect(stderr).toContain(`lost ${web.name} before the command began: the connection was cut`)
  await waitGone(web.id, /docker-bash:/, 5000)
})

/**
 * Hands on everything, until somebody asks about the second exec (the first one finds no shell): then it is gone, as an
 * engine that dies.
 */
async function dying(): Promise<{ host: string; server: Server }> {
  const path = join(scratch('dying'), 'engine.sock')
  const open = new Set<Socket>()
  let starts = 0
  const server = createServer((client) => {
    const engine = connect(sharedEngine().host.replace('unix://', ''))
    for (const end of [client, engine]) open.add(end.on('error', () => undefined))
    engine.pipe(client)
    client.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1')
      if (/^POST \S+\/exec\/\w+\/start/.test(text)) starts++
      if (starts < 2 || !/^GET \S+\/exec\/\w+\/json/.test(text)) return void engine.write(chunk)
      server.close()
      for (const one of open) one.destroy()
    })
  })
  await new Promise<void>((settle) => server.listen(path, settle))
  return { host: `unix://${path}`, server }
}

test('an engine that goes while a program without a shell starts is 255, and why', async () => {
  const bare = await container({ image: 'bare' })
  const { host, server } = await dying()
  servers.push(server)
  const { code, stderr } = await run(['--via', 'exec', bare.name, '/bare', 'sleep'], {
    place: { ...sharedEngine(), host },
  })
  expect({ code, stderr }).toEqual({
    code: 255,
    stderr: expect.stringMatching(new RegExp(`^docker-bash: lost ${bare.name}: .+\n$`)),
  })
})

test('a supervisor that cannot be started is one error, in its own words', async () => {
  // The program that enters namespaces is a copy, which is larger than that.
  const under = ['prlimit', '--fsize=65536']
  const { code, stderr } = await run(['--via', 'nsenter', web.name, 'true'], { under })
  expect(code).toBe(125)
  expect(stderr.match(/^docker-bash: .+/gm)).toEqual([expect.stringMatching(/there is no place to run a copy of/)])
})
