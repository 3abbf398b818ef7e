/** Without root on the engine's host: by a container beside the one that is meant. */
import { run, shell, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'
import { engineAtPort } from '../support/tcp-engine'
import { until } from '../support/until'

const enginePort = 18290
engineAtPort(enginePort)

/** Of each connection: how many bytes came back, or the errno. */
const echo = (port: number, ...sizes: number[]) => [
  ...['--', process.execPath, '-e'],
  `const one = (size) => new Promise((done) => {
    let count = 0
    const socket = require("node:net").connect({ port: ${port}, host: "127.0.0.1", allowHalfOpen: true })
    socket.on("data", (chunk) => (count += chunk.length)).on("end", () => done(count)).on("error", ({ code }) => done(code))
    socket.end(Buffer.alloc(size))
  })
  Promise.all([${sizes.join(', ')}].map(one)).then((all) => console.log(all.join(" ")))`,
]

let web: Container
beforeAll(async () => {
  const cmd = ['nc', '-ll', '-p', '8000', '-e', 'cat']
  web = await container({ image: 'busybox', cmd, hostConfig: { NetworkMode: 'none' } })
})

const beside = async () =>
  (await docker().list()).flatMap(({ Names }) => Names).filter((name) => name.includes(`${web.name}-forward-`))

test('as somebody who is not root: all bytes, ends of one way, and nothing is left', async () => {
  const words = ['forward', '-v', web.name, '18201:8000', ...echo(18201, 5, 1_000_000, 7)]
  const { code, stdout, stderr } = await run(words, { under: asNobody() })
  expect({ code, stdout: stdout.toString() }).toEqual({
    ...{ code: 0, stdout: `127.0.0.1:18201 -> ${web.name}:127.0.0.1:8000\n5 1000000 7\n` },
  })
  expect(stderr).toMatch(/^docker-bash: .*: a container beside it, since that takes root on this host; .*slower/)
  expect(await beside()).toEqual([])
})

test('what is refused inside is reset here, and said', async () => {
  const words = ['forward', web.name, '18202:9', ...echo(18202, 5)]
  const { stdout, stderr } = await run(words, { under: asNobody() })
  expect(stdout.toString()).toMatch(/^ECONNRESET$/m)
  expect(stderr).toMatch(`127.0.0.1:18202: a connection to ${web.name}:127.0.0.1:9 failed: connect ECONNREFUSED\n`)
})

test('through an engine at an address; its own name for a host is looked up', async () => {
  const named = await container({
    image: 'busybox',
    cmd: ['nc', '-ll', '-p', '8000', '-e', 'cat'],
    network: true,
    hostConfig: { ExtraHosts: ['old:127.0.0.1'] },
  })
  const words = ['forward', '-H', `tcp://127.0.0.1:${enginePort}`, named.name, '18203:old:8000', ...echo(18203, 6)]
  expect((await run(words)).stdout.toString()).toMatch(/^6$/m)
})

test('the end of the container is said; killed, it leaves nothing', async () => {
  const one = await container({ image: 'busybox', hostConfig: { NetworkMode: 'none' } })
  const running = start(['forward', one.name, '0:80'], { under: asNobody() })
  await running.said(/ -> /)
  await docker().act('kill', one.id)
  expect(await running.ended).toMatchObject({
    code: 255,
    stderr: expect.stringMatching(`lost ${one.name}: it has ended`),
  })
  const killed = start(['forward', web.name, '0:80'], { under: asNobody() })
  await killed.said(/ -> /)
  expect(await beside()).toHaveLength(1)
  killed.kill('SIGKILL')
  await killed.ended
  await until(
    async () => (await beside()).length === 0,
    10_000,
    async () => (await beside()).join(' '),
  )
})

test('--reconnect: by another container beside it, once it runs again', async () => {
  const one = await container({ image: 'busybox', cmd: ['nc', '-ll', '-p', '8000', '-e', 'cat'] })
  const running = start(['forward', '--reconnect', one.name, '18204:8000'], { under: asNobody() })
  await running.said(/ -> /)
  await docker().act('kill', one.id)
  await running.said(/waiting until it runs again/, 'stderr')
  await docker().act('start', one.id)
  await running.said(/runs again/, 'stderr')
  const asks = echo(18204, 5)
    .slice(1)
    .map((word) => `'${word}'`)
    .join(' ')
  await until(
    async () => (await shell(asks)).stdout.toString() === '5\n',
    10_000,
    async () => (await shell(asks)).stdout.toString(),
  )
  running.kill('SIGTERM')
  expect((await running.ended).code).toBe(0)
})

test('what only root can do is refused before anything is made', async () => {
  for (const words of [
    ['-R', web.name, '80'],
    [web.name, 'udp:0:53'],
    [web.name, '0:/run/app.sock'],
  ]) {
    const { code, stderr } = await run(['forward', ...words], { under: asNobody() })
    expect({ words, code, stderr }).toMatchObject({
      ...{
        words,
        code: 125,
        stderr: expect.stringMatching(/cannot be entered: that takes root on this host; .* takes that\n {2}as root/),
      },
    })
  }
  expect(await beside()).toEqual([])
})
