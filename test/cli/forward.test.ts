/** Ports and sockets of a container: reached in its own network, by nothing of the container's. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '../../scripts/engine-http.mjs'
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { until } from '../support/until'

/** Run behind `--`, where docker-bash itself is: the network that it listens in is the engine's. */
const client = (script: string, ...words: string[]) => ['--', process.execPath, '-e', `${helpers}\n${script}`, ...words]

const helpers = `
const net = require('node:net')
const [where] = process.argv.slice(1)
const at = /^\\d+$/.test(where) ? { port: Number(where), host: '127.0.0.1' } : { path: where.replace(/^@/, '\\0') }
// Everything back that was sent: the other side sees our end, and we its.
const echo = (bytes, to = at) => new Promise((done, fail) => {
  const back = []
  const socket = net.connect({ ...to, allowHalfOpen: true })
  socket.on('error', fail).on('data', (chunk) => back.push(chunk)).on('end', () => done(Buffer.concat(back)))
  socket.end(bytes)
})
`

const echoes = 'echo(Buffer.from("hello")).then((back) => console.log(String(back)))'

let apart: Container
let server: ChildProcessWithoutNullStreams
beforeAll(async () => {
  // A network with nothing but its loopback.
  apart = await container({ image: 'busybox', hostConfig: { NetworkMode: 'none' } })
  // Gives back what comes. busybox's own server resets some where many come at once.
  const { Pid } = (await docker().inspect(apart.id)).State
  const serve = `net.createServer({ allowHalfOpen: true }, (c) => c.pipe(c)).listen(8000, '127.0.0.1', () => console.log(1))`
  server = spawn('nsenter', [
    `--net=/proc/${Pid}/ns/net`,
    process.execPath,
    '-e',
    `const net = require('node:net'); ${serve}`,
  ])
  await once(server.stdout, 'data')
})
afterAll(() => void server.kill())

const said = ({ code, stdout, stderr }: { code: number | null; stdout: Buffer; stderr: string }) => ({
  ...{ code, stdout: stdout.toString(), stderr },
})

test('what listens on its loopback only, without a network, at a port of ours or a free one', async () => {
  expect(said(await run(['forward', apart.name, '18000:8000', ...client(echoes, '18000')]))).toEqual({
    ...{ code: 0, stdout: `127.0.0.1:18000 -> ${apart.name}:127.0.0.1:8000\nhello\n`, stderr: '' },
  })
  const free = await run(['forward', apart.name, ':localhost:8000', '0:8000', '--', 'true'])
  const ports = [...free.stdout.toString().matchAll(/^127\.0\.0\.1:(\d+) -> /gm)].map(([, port]) => Number(port))
  expect(ports).toHaveLength(2)
  expect(Math.min(...ports)).toBeGreaterThan(0)
})

test('names as the container knows them: its own hosts, and a neighbour by the DNS of their network', async () => {
  const api = docker()
  const network = `t-net-${randomBytes(4).toString('hex')}`
  await call(api.host, 'POST', '/networks/create', { body: { Name: network, Labels: { 'docker-bash.test': network } } })
  try {
    const cmd = ['nc', '-ll', '-p', '80', '-e', 'cat']
    const db = await container({ image: 'busybox', cmd, hostConfig: { NetworkMode: network } })
    const web = await container({
      image: 'busybox',
      hostConfig: { NetworkMode: network, ExtraHosts: ['old:127.0.0.9'] },
    })
    expect(said(await run(['forward', web.name, `18010:${db.name}:80`, ...client(echoes, '18010')]))).toMatchObject({
      ...{ code: 0, stdout: expect.stringMatching(/^hello$/m), stderr: '' },
    })
    const known = await run([
      'forward',
      web.name,
      '18011:old:80',
      ...client(`${echoes}.catch(({ code }) => console.log(code))`, '18011'),
    ])
    expect(said(known)).toMatchObject({ code: 0, stderr: expect.stringMatching('old:80 failed: connect ECONNREFUSED') })
    await db.remove()
    await web.remove()
  } finally {
    await call(api.host, 'DELETE', `/networks/${network}`)
  }
})

test('all bytes of many connections at once', async () => {
  const script = `
    const { createHash, randomBytes } = require('node:crypto')
    const sum = (bytes) => createHash('sha256').update(bytes).digest('hex')
    const one = async (size) => { const bytes = randomBytes(size); return sum(await echo(bytes)) === sum(bytes) }
    const sizes = [20_000_000, ...Array(200).fill(3000)]
    Promise.all(sizes.map(one)).then((same) => console.log(same.length, same.every(Boolean)))`
  expect(said(await run(['forward', apart.name, '18001:8000', ...client(script, '18001')]))).toMatchObject({
    ...{ code: 0, stdout: expect.stringMatching(/^201 true$/m), stderr: '' },
  })
})

test('what is refused inside is refused here, and said; the other forward goes on', async () => {
  const script = `
    const refused = { port: 18003, host: '127.0.0.1' }
    echo('x', refused).catch(({ code }) => console.log(code)).then(() => echo('still')).then((back) => console.log(String(back)))`
  const { code, stdout, stderr } = await run([
    'forward',
    apart.name,
    '18002:8000',
    '18003:9',
    ...client(script, '18002'),
  ])
  expect({ code, stdout: stdout.toString() }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^ECONNREFUSED\nstill$/m),
  })
  const to = `${apart.name}:127.0.0.1:9`
  expect(stderr).toBe(
    `docker-bash: nothing listens at ${to}: until something does, 127.0.0.1:18003 refuses connections, too\n`,
  )
})

test('what is refused elsewhere is reset here, and said', async () => {
  const script = `
    echo('x').catch(({ code }) => console.log(code))`
  // An address whose listeners its table does not show for certain.
  const { stdout, stderr } = await run(['forward', apart.name, '18020:127.0.0.8:9', ...client(script, '18020')])
  expect(stdout.toString()).toMatch(/^ECONNRESET$/m)
  expect(stderr).toBe(
    `docker-bash: 127.0.0.1:18020: a connection to ${apart.name}:127.0.0.8:9 failed: connect ECONNREFUSED\n`,
  )
})

test('a port of ours inside, and by it a socket among its files and one without a file', async () => {
  const folder = scratch('sockets')
  // A link that leads to the host's file of that name, for who does not look as the container does.
  expect((await run([apart.name, 'sh', '-c', 'mkdir -p /real; ln -s /real /link'])).code).toBe(0)
  for (const [inside, here] of [
    ['19000', join(folder, 'port.sock')],
    ['/real/a.sock', '18004'],
    ['@abstract', join(folder, 'a.sock')],
  ] as const) {
    const reached = inside.replace('/real/', '/link/')
    const server = start(['forward', '-R', apart.name, `${inside}:${8123}`])
    await server.said(/ -> 127\.0\.0\.1:8123\n/)
    const listens = `net.createServer({ allowHalfOpen: true }, (c) => c.pipe(c)).listen(8123, '127.0.0.1', () => ${echoes}.finally(() => process.exit()))`
    const { code, stdout, stderr } = await run(['forward', apart.name, `${here}:${reached}`, ...client(listens, here)])
    expect({ inside, code, stdout: stdout.toString(), stderr }).toMatchObject({
      ...{ code: 0, stdout: expect.stringMatching(/^hello$/m), stderr: '' },
    })
    server.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    expect((await run([apart.name, 'ls', '/real'])).stdout.toString()).toBe('')
  }
  const killed = start(['forward', '-R', apart.name, '/link/b.sock:8123'])
  await killed.said(/ -> /)
  expect((await run([apart.name, 'stat', '-c', '%a %u', '/real/b.sock'])).stdout.toString()).toBe('600 0\n')
  const ours = join(folder, 'ours.sock')
  const mode = await run(['forward', apart.name, `${ours}:8000`, '--', 'stat', '-c', '%a', ours])
  expect(mode.stdout.toString()).toMatch(/^600$/m)
  expect((await run([apart.name, 'ls', '/real'])).stdout.toString()).toBe('b.sock\n')
  killed.kill('SIGKILL')
  await until(
    async () => (await run([apart.name, 'ls', '/real'])).stdout.length === 0,
    2_000,
    () => 'its socket is still there',
  )
  expect(readdirSync(folder)).toEqual([])
  const left = start(['forward', apart.name, `${join(folder, 'left.sock')}:8000`])
  await left.said(/ -> /)
  left.kill('SIGKILL')
  await left.ended
  expect(readdirSync(folder)).toEqual(['left.sock'])
})

test('a SOCKS proxy: 5 with an address and a name, 4 and 4a; what is refused is told in its own words', async () => {
  const script = `
    const asked = (...bytes) => new Promise((done) => {
      const socket = net.connect(at)
      let back = ''
      // The reply is 10 bytes behind 2, or 8.
      const whole = 2 * (bytes[0] === 5 ? 12 : 8)
      socket.on('data', (chunk) => {
        back += chunk.toString('hex')
        if (back.length === whole) socket.end('end')
      }).on('close', () => done(back))
      socket.write(Buffer.from(bytes))
    })
    const port = [8000 >> 8, 8000 & 255]
    const name = [...Buffer.from('localhost')]
    ;(async () => {
      console.log(await asked(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, ...port))
      console.log(await asked(5, 1, 0, 5, 1, 0, 3, name.length, ...name, ...port))
      console.log(await asked(4, 1, ...port, 127, 0, 0, 1, 0))
      console.log(await asked(4, 1, ...port, 0, 0, 0, 1, 0, ...name, 0))
      console.log(await asked(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 9))
    })()`
  const { code, stdout, stderr } = await run(['forward', '-D', '18005', apart.name, ...client(script, '18005')])
  expect(stderr).toMatch(`127.0.0.1:18005: a connection to ${apart.name}:127.0.0.1:9 failed: connect ECONNREFUSED\n`)
  const five = `0500${'05000001000000000000'}${Buffer.from('end').toString('hex')}`
  const four = `005a000000000000${Buffer.from('end').toString('hex')}`
  expect({ code, lines: stdout.toString().trimEnd().split('\n').slice(1) }).toEqual({
    ...{ code: 0, lines: [five, five, four, four, '050005050001000000000000'] },
  })
})

test('lasts as long as a command, and ends with its code; until a signal otherwise, and nothing is left', async () => {
  expect((await run(['forward', apart.name, '0:8000', '--', 'sh', '-c', 'exit 7'])).code).toBe(7)
  expect((await run(['forward', apart.name, '0:8000', '--', 'sh', '-c', 'kill -9 $$'])).code).toBe(137)
  const missing = await run(['forward', apart.name, '0:8000', '--', 'nosuch-program'])
  expect(missing).toMatchObject({ code: 127, stderr: expect.stringMatching('nosuch-program cannot be run here') })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    const running = start(['forward', apart.name, '0:8000'])
    await running.said(/ -> /)
    expect(makers()).not.toEqual([])
    running.kill(signal)
    const { code } = await running.ended
    if (signal !== 'SIGKILL') expect(code).toBe(0)
    await until(
      () => makers().length === 0,
      2_000,
      () => makers().join(' '),
    )
  }
})

test('a container that ends is said, and is not a success', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const running = start(['forward', name, '0:127.0.0.8:80'])
  await running.said(/ -> /)
  await docker().act('kill', id)
  expect(said(await running.ended)).toMatchObject({
    code: 255,
    stderr: `docker-bash: lost ${name}: it has ended\n  with --reconnect it waits and goes on\n`,
  })
})

test('as lines of JSON', async () => {
  const { stdout, code } = await run([
    'forward',
    '--json',
    apart.name,
    '18006:8000',
    '18007:127.0.0.8:9',
    ...client(
      `echo('12345').then(() => echo('x', { port: 18007, host: '127.0.0.1' })).catch(() => undefined)`,
      '18006',
    ),
  ])
  const order = ['listens', 'carried', 'refused']
  const [from, to] = ['127.0.0.1:18006', `${apart.name}:127.0.0.1:8000`]
  expect({
    code,
    events: stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      // A connection is over when both of its ways are: that may be after the next one was refused.
      .sort((one, other) => order.indexOf(one.event) - order.indexOf(other.event)),
  }).toMatchObject({
    ...{
      code: 0,
      events: [
        { event: 'listens', from, to },
        { event: 'listens', from: '127.0.0.1:18007' },
        { event: 'carried', from, to, out: 5, back: 5 },
        { event: 'refused', from: '127.0.0.1:18007', because: 'connect ECONNREFUSED' },
      ],
    },
  })
})

test('what cannot be is said before anything listens', async () => {
  const stopped = await container({ image: 'busybox', start: false })
  for (const [words, says] of [
    [['forward'], 'no TARGET'],
    [['forward', apart.name], 'nothing is to be forwarded'],
    [['forward', apart.name, '1:2:3:4:5'], 'invalid forward "1:2:3:4:5"'],
    [['forward', apart.name, '80:nosuch:80'], 'does not know the name nosuch'],
    [['forward', stopped.name, '80'], 'was never started'],
    [['forward', '-R', apart.name, '8000:9'], `cannot listen at 127.0.0.1:8000 in ${apart.name}: listen EADDRINUSE`],
  ] as const) {
    const { code, stdout, stderr } = await run([...words])
    expect({ words, code, stdout: stdout.toString(), stderr }).toEqual({
      ...{ words, code: 125, stdout: '', stderr: expect.stringMatching(/^docker-bash: .*\n {2}.*\n$/) },
    })
    expect(stderr).toMatch(says)
  }
})

/** The programs that make sockets, of whoever runs here. */
function makers(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('docker-bash-sockets')
    } catch {
      return false
    }
  })
}
