/** Datagrams to and from a container without a network but its loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'

/** Says back what comes, and from which port it came. */
const echo = (port: number, host = '127.0.0.1') => `
  const at = require('node:dgram').createSocket('${host.includes(':') ? 'udp6' : 'udp4'}')
  at.on('message', (bytes, { port, address }) => at.send(port + ' ' + bytes, port, address))
  at.bind(${port}, '${host}', () => console.log('ready'))`

/** Two clients, each of whom asks twice. */
const clients = (port: number) => `
  const { once } = require('node:events')
  const make = () => require('node:dgram').createSocket('udp4')
  const ask = async (socket, text) => {
    socket.send(text, ${port}, '127.0.0.1')
    return String((await once(socket, 'message'))[0]).split(' ')
  }
  ;(async () => {
    const [one, other] = [make(), make()]
    const all = [await ask(one, 'a'), await ask(other, 'b'), await ask(one, 'c')]
    console.log(all.map(([, text]) => text).join(''), all[0][0] === all[2][0], all[0][0] === all[1][0])
    process.exit()
  })()`

let apart: Container
let pid = 0
const children: ChildProcess[] = []
beforeAll(async () => {
  apart = await container({ image: 'busybox', hostConfig: { NetworkMode: 'none' } })
  pid = (await docker().inspect(apart.id)).State.Pid
})
afterAll(() => {
  for (const child of children) child.kill()
})

function inside(script: string): ChildProcess {
  const child = spawn('nsenter', [`--net=/proc/${pid}/ns/net`, process.execPath, '-e', script])
  children.push(child)
  return child
}

async function serves(script: string): Promise<void> {
  const { stdout } = inside(script)
  if (stdout) await once(stdout, 'data')
}

test('into it: by udp: in front or --udp, each client by a socket of its own', async () => {
  await serves(echo(5300))
  const words = ['--', process.execPath, '-e']
  for (const flags of [['udp:15353:5300'], ['15353:5300', '--udp']]) {
    const [from = '', ...more] = flags
    const { code, stdout, stderr } = await run(['forward', ...more, apart.name, from, ...words, clients(15353)])
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({
      ...{ code: 0, stdout: `127.0.0.1:15353/udp -> ${apart.name}:127.0.0.1:5300/udp\nabc true false\n`, stderr: '' },
    })
  }
})

test('to an address of the sixth version', async () => {
  await serves(echo(5301, '::1'))
  const { stdout } = await run([
    ...['forward', apart.name, 'udp:15354:[::1]:5301'],
    ...['--', process.execPath, '-e', clients(15354)],
  ])
  expect(stdout.toString()).toMatch(/^abc true false$/m)
})

test('out of it, with -R', async () => {
  const server = start(['forward', '-R', apart.name, 'udp:5302:15355', '--', process.execPath, '-e', echo(15355)])
  await server.said(/ready/)
  const { stdout } = inside(clients(5302))
  const [said] = stdout ? await once(stdout, 'data') : []
  expect(String(said)).toBe('abc true false\n')
  server.kill('SIGTERM')
  await server.ended
})

test('a client that was silent for --idle is told of, as JSON with its bytes', async () => {
  const running = start(['forward', '--json', '--idle', '100ms', apart.name, 'udp:15356:5300'])
  await running.said(/listens/)
  const asks = `const one = require('node:dgram').createSocket('udp4')
    one.on('message', () => process.exit()).send('four', 15356, '127.0.0.1')`
  await run(['forward', apart.name, '0:9', '--', process.execPath, '-e', asks])
  await running.said(/"carried".*"out":4,"back":\d/)
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
})

test('paths are refused, and what cannot be received at is said', async () => {
  const wrong = await run(['forward', apart.name, 'udp:/tmp/a:53'])
  expect(wrong).toMatchObject({ code: 125, stderr: expect.stringMatching('UDP has ports, and no paths') })
  const taken = await run(['forward', '-R', apart.name, 'udp:5300:9'])
  expect(taken.stderr).toMatch(`cannot receive at 127.0.0.1:5300/udp in ${apart.name}: receive EADDRINUSE`)
  expect(taken.code).toBe(125)
})
