/** Without root on the engine's host: by a container beside the one that is meant. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { beside, noneBeside } from '../support/beside'
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { asNobody, withoutPerl as noPerl } from '../support/nobody'
import { engineAtPort } from '../support/tcp-engine'
import { until } from '../support/until'

const enginePort = 18290
engineAtPort(enginePort)

const under = asNobody()
const withoutPerl = [...noPerl, ...under]

/** Run behind `--`, where docker-bash itself is. */
const client = (script: string) => ['--', process.execPath, '-e', `${helpers}\n${script}`]

const helpers = `
const net = require('node:net')
const { createHash, randomBytes } = require('node:crypto')
const sum = (bytes) => createHash('sha256').update(bytes).digest('hex')
const serve = (port, say) => net.createServer({ allowHalfOpen: true }, (c) => c.pipe(c)).listen(port, '127.0.0.1', say)
const to = (port) => net.connect({ port, host: '127.0.0.1', allowHalfOpen: true })
// Everything back that was sent: the other side sees our end, and we its; or the errno.
const echo = (port, bytes) => new Promise((done) => {
  const back = []
  const socket = to(port).on('data', (chunk) => back.push(chunk))
  socket.on('error', ({ code }) => done(code)).on('end', () => done(Buffer.concat(back)))
  socket.end(bytes)
})
const say = (...words) => console.log(words.map(String).join(' '))
`

/** What a script prints that runs where docker-bash is. */
const here = async (script: string) =>
  (await run(['-e', `${helpers}\n${script}`], { program: process.execPath })).stdout.toString().trim()

const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
})

/** A program in the network of a container, once it has said something. */
async function inside({ id }: Container, script: string): Promise<ChildProcess> {
  const { Pid } = (await docker().inspect(id)).State
  const child = spawn('nsenter', [`--net=/proc/${Pid}/ns/net`, process.execPath, '-e', `${helpers}\n${script}`])
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

const apart = (hostConfig: object = {}) =>
  container({ image: 'busybox', hostConfig: { NetworkMode: 'none', ...hostConfig } })

let web: Container
beforeAll(async () => {
  // A network with nothing but its loopback.
  web = await apart()
  await inside(
    web,
    `net.createServer((c) => c.on('error', () => undefined).pause()).listen(8001, '127.0.0.1')
    net.createServer((c) => c.resetAndDestroy()).listen(8002, '127.0.0.1')
    const udp = require('node:dgram').createSocket('udp4')
    udp.on('message', (bytes, { port, address }) => udp.send(bytes, port, address)).bind(5300, '127.0.0.1')
    serve(8000, () => say('ready'))`,
  )
})

test('as somebody who is not root: all bytes, ends of one way, and nothing is left', async () => {
  const script = `Promise.all([5, 1e6, 7].map((size) => echo(18201, Buffer.alloc(size)))).then((all) => say(...all.map((one) => one.length)))`
  const { code, stdout, stderr } = await run(['forward', '-v', web.name, '18201:8000', ...client(script)], { under })
  expect({ code, stdout: stdout.toString(), stderr }).toEqual({
    ...{ code: 0, stdout: `127.0.0.1:18201 -> ${web.name}:127.0.0.1:8000\n5 1000000 7\n` },
    stderr: expect.stringMatching(
      /^docker-bash: .*: a container beside it, since that takes root on this host; .*slower\n$/,
    ),
  })
  expect(await beside(web)).toEqual([])
})

test('the container’s side may end first, and still hears what comes', async () => {
  const server = await inside(
    web,
    `net.createServer({ allowHalfOpen: true }, (c) => {
      let count = 0
      c.on('data', ({ length }) => (count += length)).on('end', () => say('heard', count)).end('bye')
    }).listen(8003, '127.0.0.1', () => say('ready'))`,
  )
  const heard = server.stdout && once(server.stdout, 'data')
  const running = start(['forward', web.name, '18202:8003'], { under })
  await running.said(/ -> /)
  const said = await here(`let back = ''
    const c = to(18202).on('data', (chunk) => (back += chunk)).on('end', () => { say(back); c.end(Buffer.alloc(500_000)) })`)
  expect(said).toBe('bye')
  expect(String(await heard)).toBe('heard 500000\n')
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
})

test('many at once, 64 MiB each way, while one is never read', async () => {
  const script = `
    const never = to(18204).on('error', () => undefined)
    never.write(Buffer.alloc(8 << 20))
    const sizes = [64 << 20, ...Array.from({ length: 200 }, (_, at) => 3000 + at)]
    const one = async (size) => { const bytes = randomBytes(size); return sum(await echo(18203, bytes)) === sum(bytes) }
    Promise.all(sizes.map(one)).then((same) => { say(same.length, same.every(Boolean)); never.destroy() })`
  const { stdout, stderr } = await run(['forward', web.name, '18203:8000', '18204:8001', ...client(script)], { under })
  expect({ stdout: stdout.toString(), stderr }).toEqual({
    ...{ stdout: expect.stringMatching(/^201 true$/m), stderr: '' },
  })
})

test('what is refused inside is refused here, and said; a reset is a reset', async () => {
  const script = 'echo(18205, "x").then(say).then(() => echo(18206, "x")).then(say)'
  const { stdout, stderr } = await run(['forward', web.name, '18205:9', '18206:8002', ...client(script)], { under })
  expect(stdout.toString()).toMatch(/^ECONNREFUSED\nECONNRESET$/m)
  const far = `${web.name}:127.0.0.1:9`
  expect(stderr).toBe(
    `docker-bash: nothing listens at ${far}: until something does, 127.0.0.1:18205 refuses connections, too\n`,
  )
})

test('nothing listens here while nothing listens there, and again when it does', async () => {
  const one = await apart()
  const running = start(['forward', one.name, '18207:80'], { under })
  await running.said(/ -> /)
  const asks = () => here('echo(18207, "hello").then(say)')
  expect(await asks()).toBe('ECONNREFUSED')
  const server = await inside(one, 'serve(80, () => say("ready"))')
  await until(async () => (await asks()) === 'hello', 5_000, asks)
  server.kill('SIGKILL')
  await once(server, 'exit')
  expect(await asks()).toBe('ECONNRESET')
  await until(async () => (await asks()) === 'ECONNREFUSED', 5_000, asks)
  running.kill('SIGINT')
  expect((await running.ended).code).toBe(0)
})

test('--wait: the command runs once the port accepts, and not before; a time limit', async () => {
  const one = await apart()
  const words = ['forward', '--wait', one.name, '18208:80', ...client('echo(18208, "hello").then(say)')]
  const running = start(words, { under })
  await until(
    async () => (await beside(one)).length === 1,
    10_000,
    () => 'no container beside it',
  )
  const quiet = await Promise.race([
    running.said(/ -> /),
    inside(one, 'serve(80, () => say("ready"))').then(() => 'serves'),
  ])
  expect(quiet).toBe('serves')
  const { stdout, stderr } = await running.ended
  expect({ stdout: stdout.toString(), stderr }).toEqual({
    ...{ stdout: `127.0.0.1:18208 -> ${one.name}:127.0.0.1:80\nhello\n`, stderr: '' },
  })
  const late = await run(['forward', '--wait', '--timeout', '200ms', one.name, '0:81'], { under })
  expect(late).toMatchObject({ code: 125, stderr: expect.stringMatching('did not accept within 200ms') })
})

test('a port of ours inside, and by it a socket among its files and one without a file', async () => {
  // A link that leads nowhere but in the container.
  expect((await run([web.name, 'sh', '-c', 'mkdir -p /real; ln -s /real /link'])).code).toBe(0)
  for (const at of ['19000', '0', '/link/a.sock', '@abstract']) {
    const server = start(['forward', '-R', web.name, `${at}:8123`], { under })
    const said = await server.said(/ -> 127\.0\.0\.1:8123\n/)
    const [, port] = /127\.0\.0\.1:(\d+) -> /.exec(said) ?? []
    const script = `serve(8123, () => echo(18209, 'hello').then(say).finally(() => process.exit()))`
    const { stdout, stderr } = await run(['forward', web.name, `18209:${port ?? at}`, ...client(script)], { under })
    expect({ at, stdout: stdout.toString(), stderr }).toMatchObject({
      ...{ at, stdout: expect.stringMatching(/^hello$/m), stderr: '' },
    })
    if (at.startsWith('/')) {
      const its = await run([web.name, 'stat', '-c', '%a %u', '/real/a.sock'])
      expect(its.stdout.toString()).toBe('600 0\n')
      const twice = await run(['forward', '-R', web.name, `${at}:8123`], { under })
      expect(twice).toMatchObject({
        ...{ code: 125, stderr: expect.stringMatching(/cannot listen at \/link\/a\.sock in .*: listen EADDRINUSE/) },
      })
    }
    server.kill('SIGTERM')
    expect((await server.ended).code).toBe(0)
    expect((await run([web.name, 'ls', '/real'])).stdout.toString()).toBe('')
  }
})

test('killed, it leaves no container, and no socket in the one that is meant', async () => {
  const killed = start(['forward', '-R', web.name, '/link/b.sock:8123', '0:8123'], { under })
  await killed.said(/b\.sock -> .* -> /s)
  expect((await run([web.name, 'ls', '/real'])).stdout.toString()).toBe('b.sock\n')
  expect(await beside(web)).toHaveLength(1)
  killed.kill('SIGKILL')
  await killed.ended
  await noneBeside(web)
  expect((await run([web.name, 'ls', '/real'])).stdout.toString()).toBe('')
})

test('what the container beside may do is no more than it takes', async () => {
  const low = await apart({ Sysctls: { 'net.ipv4.ip_unprivileged_port_start': '1024' } })
  const its = async (...words: string[]) => {
    const running = start(['forward', ...words], { under })
    await running.said(/ -> /)
    const [name = ''] = await beside(low)
    const { CapAdd, CapDrop, PidMode, ReadonlyRootfs, SecurityOpt, LogConfig } = (await docker().inspect(name.slice(1)))
      .HostConfig
    running.kill('SIGINT')
    await running.ended
    return { CapAdd, CapDrop, PidMode, ReadonlyRootfs, SecurityOpt, log: LogConfig.Type }
  }
  const always = { CapDrop: ['ALL'], ReadonlyRootfs: true, SecurityOpt: ['no-new-privileges'], log: 'none' }
  expect(await its(low.name, '0:80', 'udp:0:53', '0:@name')).toEqual({ ...always, CapAdd: [], PidMode: '' })
  expect(await its('-R', low.name, '80:8123')).toEqual({ ...always, CapAdd: ['NET_BIND_SERVICE'], PidMode: '' })
  expect(await its(low.name, '0:/run/app.sock')).toEqual({
    ...{ ...always, CapAdd: ['SYS_PTRACE', 'SYS_CHROOT', 'DAC_OVERRIDE'], PidMode: `container:${low.id}` },
  })
})

test('of a container with the processes of another one no path is reached, and that is said', async () => {
  const one = await apart({ PidMode: `container:${web.id}` })
  const { code, stderr } = await run(['forward', one.name, '0:/run/app.sock'], { under })
  expect({ code, stderr }).toEqual({
    ...{
      code: 125,
      stderr: expect.stringMatching(
        /the files of .* cannot be entered: its PID namespace is that of another container\n {2}as root/,
      ),
    },
  })
  expect(await beside(one)).toEqual([])
})

test('datagrams, into it and out of it', async () => {
  const clients = (port: number) => `
    const { createSocket } = require('node:dgram')
    const ask = (text) => new Promise((done) => {
      const one = createSocket('udp4')
      one.on('message', (bytes) => { one.close(); done(bytes) }).send(text, ${port}, '127.0.0.1')
    })
    Promise.all(['a', 'b', 'c'.repeat(1400)].map(ask)).then(([a, b, c]) => say(a, b, c.length))`
  const into = await run(['forward', web.name, 'udp:18210:5300', ...client(clients(18210))], { under })
  expect({ stdout: into.stdout.toString(), stderr: into.stderr }).toEqual({
    ...{ stdout: `127.0.0.1:18210/udp -> ${web.name}:127.0.0.1:5300/udp\na b 1400\n`, stderr: '' },
  })
  const echoes = `const udp = require('node:dgram').createSocket('udp4')
    udp.on('message', (bytes, { port, address }) => udp.send(bytes, port, address)).bind(18211, '127.0.0.1', () => say('ready'))`
  const server = start(['forward', '-R', web.name, 'udp:5301:18211', ...client(echoes)], { under })
  await server.said(/ready/)
  const { Pid } = (await docker().inspect(web.id)).State
  const words = ['nsenter', `--net=/proc/${Pid}/ns/net`, process.execPath, '-e', `${helpers}${clients(5301)}`]
  const [program = '', ...rest] = words
  const asked = spawn(program, rest)
  children.push(asked)
  expect(String(await once(asked.stdout, 'data'))).toBe('a b 1400\n')
  server.kill('SIGTERM')
  await server.ended
  const taken = await run(['forward', '-R', web.name, 'udp:5300:9'], { under })
  expect(taken.stderr).toMatch(`cannot receive at 127.0.0.1:5300/udp in ${web.name}: receive EADDRINUSE`)
})

test('through an engine at an address; its own name for a host is looked up', async () => {
  const named = await container({
    image: 'busybox',
    cmd: ['nc', '-ll', '-p', '8000', '-e', 'cat'],
    network: true,
    hostConfig: { ExtraHosts: ['old:127.0.0.1'] },
  })
  const script = 'echo(18212, "hello").then(say)'
  const words = ['forward', '-H', `tcp://127.0.0.1:${enginePort}`, named.name, '18212:old:8000', ...client(script)]
  expect((await run(words)).stdout.toString()).toMatch(/^hello$/m)
})

test('a SOCKS proxy: what is refused is told in its own words', async () => {
  const script = `
    const asked = (port) => new Promise((done) => {
      let back = ''
      const socket = to(18213).on('end', () => socket.end()).on('close', () => done(back))
      socket.on('data', (chunk) => {
        back += chunk.toString('hex')
        if (back.length === 26) socket.end()
      })
      socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255, 33]))
    })
    asked(8000).then(say).then(() => asked(9)).then(say)`
  const { stdout } = await run(['forward', '-D', '18213', web.name, ...client(script)], { under })
  expect(stdout.toString().trimEnd().split('\n').slice(1)).toEqual([
    ...['05000500000100000000000021', '050005050001000000000000'],
  ])
})

test('the end of the container is said', async () => {
  for (const at of ['0:80', '0:/run/app.sock']) {
    const one = await apart()
    const running = start(['forward', one.name, at], { under })
    await running.said(/ -> /)
    await docker().act('kill', one.id)
    expect(await running.ended).toMatchObject({
      code: 255,
      stderr: expect.stringMatching(`lost ${one.name}: it has ended`),
    })
    await noneBeside(one)
  }
})

test('--reconnect: by another container beside it, once it runs again, both ways', async () => {
  const one = await apart()
  const running = start(['forward', '--reconnect', one.name, '18214:8000'], { under })
  const back = start(['forward', '-R', '--reconnect', one.name, '8000:18215'], { under })
  await Promise.all([running.said(/ -> /), back.said(/ -> /)])
  await docker().act('kill', one.id)
  await Promise.all([running, back].map((each) => each.said(/waiting until it runs again/, 'stderr')))
  await docker().act('start', one.id)
  await Promise.all([running, back].map((each) => each.said(/runs again/, 'stderr')))
  const asks = () => here('serve(18215, () => echo(18214, "hello").then(say).finally(() => process.exit()))')
  await until(async () => (await asks()) === 'hello', 10_000, asks)
  for (const each of [running, back]) {
    each.kill('SIGTERM')
    expect((await each.ended).code).toBe(0)
  }
  await noneBeside(one)
})

describe('without a perl to bring along', () => {
  test('each connection is an nc, which is said; what is refused inside is reset here', async () => {
    const script = 'echo(18216, "hello").then(say).then(() => echo(18217, "x")).then(say)'
    const words = ['forward', '-v', web.name, '18216:8000', '18217:9', ...client(script)]
    const { stdout, stderr } = await run(words, { under: withoutPerl })
    expect(stdout.toString()).toMatch(/^hello\nECONNRESET$/m)
    expect(stderr).toMatch(/with nc, since there is no perl on this host; .*slower/)
    expect(stderr).toMatch(`127.0.0.1:18217: a connection to ${web.name}:127.0.0.1:9 failed: connect ECONNREFUSED\n`)
    expect(await beside(web)).toEqual([])
  })

  test('what it takes one for is refused before anything is made', async () => {
    for (const words of [
      ['-R', web.name, '80'],
      [web.name, 'udp:0:53'],
      [web.name, '0:/run/app.sock'],
      [web.name, '0:@name'],
    ]) {
      const { code, stderr } = await run(['forward', ...words], { under: withoutPerl })
      expect({ words, code, stderr }).toMatchObject({
        ...{
          words,
          code: 125,
          stderr: expect.stringMatching(/takes a perl to bring along, and there is none .*\n {2}/),
        },
      })
    }
    expect(await beside(web)).toEqual([])
  })
})

test('explain --forward says what it carries and costs, with a perl to bring along and without', async () => {
  const ways = async (who: readonly string[]) =>
    (await run(['explain', '--forward', web.name], { under: who })).stdout.toString()
  expect(await ways(under)).toMatch(
    /✗ its network namespace +that takes root on this host\n[^✓]*✓ a container beside it +chosen: .*\n +carries TCP, UDP and Unix sockets, both ways, and -D\n +costs: .*; all bytes pass a program in it and the engine; for a path of its files: .* SYS_PTRACE/,
  )
  expect(await ways(withoutPerl)).toMatch(
    /✓ a container beside it +chosen: .*\n +carries TCP ports of it, and -D; .*no perl.*\n +costs: .*an exec of the engine’s/,
  )
})

test('no file of it is made here', () => {
  expect(readdirSync('/').filter((name) => name === 'real' || name === 'link')).toEqual([])
})
