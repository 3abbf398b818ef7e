/** Each question of the engine: what goes over the wire for it, and how a refusal comes back. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { getArchive, putArchive, putTar, statPath } from '../../../src/lib/engine/archive'
import {
  inspectContainer,
  listContainers,
  pauseContainer,
  unpauseContainer,
  waitForEnd,
} from '../../../src/lib/engine/containers'
import { parseHost } from '../../../src/lib/engine/endpoint'
import { connect, connectLate, type Engine, refusalOf, statusOf, unreachable } from '../../../src/lib/engine/engine'
import { createExec, inspectExec, resizeExec } from '../../../src/lib/engine/exec'
import { importEnd, importImage, inspectImage, removeImage, startBuild, tagImage } from '../../../src/lib/engine/images'
import { findContainer, findContainers } from '../../../src/lib/engine/look-up'
import { connectNetwork, inspectNetwork } from '../../../src/lib/engine/networks'
import { removeContainer } from '../../../src/lib/engine/remove'
import { engineInfo, inspectService, listNodes, listTasks } from '../../../src/lib/engine/swarm'
import { engineVersion } from '../../../src/lib/engine/system'
import { DockerBashError } from '../../../src/lib/errors'
import { temporary } from '../../support/temporary'

const loaded = jest.fn()
jest.doMock('dockerode', () => {
  loaded()
  return jest.requireActual('dockerode')
})

let server: Server
let socket: string
/** `GET /info`, and a body behind it. */
let asked: string[]
let connections: Set<unknown>
let refuses: boolean

beforeEach(async () => {
  ;[asked, connections, refuses] = [[], new Set(), false]
  socket = join(temporary('questions'), 'engine.sock')
  server = createServer(async (request, response) => {
    const body = await textOf(request)
    connections.add(request.socket)
    response.setHeader('api-version', '1.47')
    // A sign of life, should this machine be slow.
    if (request.url === '/v1.47/_ping') return response.end('OK')
    asked.push([request.method, request.url, ...(body ? [body] : [])].join(' '))
    if (request.url === '/_ping') return response.end('OK')
    response.setHeader('content-type', 'application/json')
    if (refuses) response.writeHead(404).end('{"message":"no such thing"}')
    else response.end('{}')
  }).listen(socket)
  // A slow machine is not to look like an engine that hangs up.
  server.keepAliveTimeout = 0
  await once(server, 'listening')
})

afterEach(() => {
  server.close()
  server.closeAllConnections()
})

async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString()
}

const engine = (path = socket) => connectLate(parseHost(`unix://${path}`, '-H'))
const abort = () => new AbortController().signal
const tar = () => Readable.from([Buffer.from('tar')])
const text = (value: object) => encodeURIComponent(JSON.stringify(value))

type Case = readonly [string, (engine: Engine) => Promise<unknown>]

/** A run may begin with these: our own client asks them, before a version is agreed on. */
const atOnce: readonly Case[] = [
  ['GET /containers/web/json', (e) => findContainer(e, 'web')],
  ['GET /containers/web/json', (e) => findContainer(e, 'web', abort())],
  ['GET /containers/json', (e) => findContainers(e)],
  ['GET /containers/json?', (e) => findContainers(e, { all: false })],
  ['GET /containers/json?limit=1', (e) => findContainers(e, { limit: 1 })],
  [
    `GET /containers/json?all=1&filters=${text({ name: ['a'] })}`,
    (e) => findContainers(e, { all: true, filters: { name: ['a'] } }),
  ],
  ['GET /exec/e/json', (e) => inspectExec(e, 'e')],
  ['GET /info', (e) => engineInfo(e)],
  ['GET /services/web', (e) => inspectService(e, 'web')],
  [`GET /tasks?filters=${text({ id: ['x'] })}`, (e) => listTasks(e, { id: ['x'] })],
  ['GET /nodes', (e) => listNodes(e)],
]

/** These change something, or are dockerode's: a version comes first. */
const agreed: readonly Case[] = [
  ['POST /exec/e/resize?h=2&w=3', (e) => resizeExec(e, 'e', { rows: 2, columns: 3 })],
  [
    'POST /containers/c/exec {"Cmd":["true"],"AttachStdin":false,"AttachStdout":true,"AttachStderr":true,"Tty":false,"Env":[]}',
    (e) => createExec(e, 'c', { command: ['true'] }),
  ],
  ['GET /containers/c/json', (e) => inspectContainer(e, 'c')],
  ['GET /containers/json', (e) => listContainers(e)],
  ['GET /containers/json?all=false', (e) => listContainers(e, { all: false })],
  [
    `GET /containers/json?all=true&filters=${text({ label: ['a=b'] })}`,
    (e) => listContainers(e, { all: true, filters: { label: ['a=b'] } }),
  ],
  [
    `GET /containers/json?limit=5&filters=${text({ status: ['running'] })}`,
    (e) => listContainers(e, { limit: 5, filters: { status: ['running'] } }),
  ],
  ['POST /containers/c/pause', (e) => pauseContainer(e, 'c')],
  [
    'POST /containers/c/wait?condition=not-running {"condition":"not-running"}',
    (e) => waitForEnd(e, 'c', new AbortController().signal),
  ],
  ['POST /containers/c/unpause', (e) => unpauseContainer(e, 'c')],
  ['GET /containers/c/archive?path=%2Fx', (e) => getArchive(e, 'c', '/x')],
  ['GET /containers/c/archive?path=%2F%E9%20%FF', (e) => getArchive(e, 'c', Buffer.from('/\xe9 \xff', 'latin1'))],
  ['PUT /containers/c/archive?path=%2Fx tar', (e) => putArchive(e, 'c', tar(), '/x')],
  ['PUT /containers/c/archive?path=%2Fx&noOverwriteDirNonDir=true tar', (e) => putTar(e, 'c', '/x', tar())],
  ['GET /version', (e) => engineVersion(e)],
  ['GET /images/a:b/json', (e) => inspectImage(e, 'a:b')],
  ['POST /images/a:b/tag?repo=r&tag=t {"repo":"r","tag":"t"}', (e) => tagImage(e, 'a:b', { repo: 'r', tag: 't' })],
  ['DELETE /images/a:b', (e) => removeImage(e, 'a:b')],
  [
    'POST /images/create?repo=r&tag=t&fromSrc=- tar',
    (e) => importImage(e, tar(), { repo: 'r', tag: 't', abort: abort() }),
  ],
  [
    'POST /images/create?repo=r&tag=t&changes=LABEL%20a%3Db&fromSrc=- tar',
    async (e) => importEnd(e, await importImage(e, tar(), { repo: 'r', tag: 't', changes: ['LABEL a=b'] })),
  ],
  [
    `POST /build?buildargs=${text({ A: 'b' })}&forcerm=true tar`,
    (e) => startBuild(e, Buffer.from('tar'), { buildargs: { A: 'b' }, abort: abort() }),
  ],
  ['GET /networks/n', (e) => inspectNetwork(e, 'n')],
  ['POST /networks/n/connect {"Container":"c"}', (e) => connectNetwork(e, 'n', 'c')],
]

const versioned = (line: string) => line.replace(' /', ' /v1.47/')

// The first test: a module is loaded once.
test('dockerode is loaded for what it is asked, and for nothing that a run begins with', async () => {
  const one = await connect(parseHost(`unix://${socket}`, '-H'))
  for (const [, ask] of atOnce) await ask(one)
  expect(loaded).not.toHaveBeenCalled()
  await inspectContainer(one, 'c')
  expect(loaded).toHaveBeenCalledTimes(1)
  one.close()
})

test.each(atOnce)('%s goes out at once, then in the version that the answer named', async (line, ask) => {
  const one = engine()
  for (let times = 0; times < 2; times++) await ask(one)
  expect(asked).toEqual([line, versioned(line)])
  expect([one.api(), connections.size]).toEqual([[1, 47], 1])
  one.close()
})

test.each(agreed)('%s waits for a version', async (line, ask) => {
  const one = engine()
  for (let times = 0; times < 2; times++) await drained(await ask(one))
  expect(asked).toEqual(['GET /_ping', versioned(line), versioned(line)])
  one.close()
})

async function drained(answer: unknown): Promise<void> {
  if (answer instanceof Readable) await answer.toArray()
}

test('both clients keep a connection each, whatever is asked', async () => {
  const one = await connect(parseHost(`unix://${socket}`, '-H'))
  for (const [, ask] of [...atOnce, ...agreed, ...atOnce]) await drained(await ask(one))
  expect(connections.size).toBe(2)
  one.close()
})

test.each([...atOnce, ...agreed])('%s: a refusal has its status and the engine’s words', async (_, ask) => {
  refuses = true
  const one = engine()
  const error = await ask(one).catch((failed: unknown) => failed)
  // dockerode has words of its own in front of it where the answer would have been a stream.
  expect([statusOf(error), refusalOf(error)]).toEqual([404, expect.stringMatching(/^(?:\(.*\) .* - )?no such thing$/)])
  one.close()
})

test.each([...atOnce, ...agreed])('%s: no engine there is said in the user’s terms', async (_, ask) => {
  const one = engine('/nowhere/engine.sock')
  const error = unreachable(await ask(one).catch((failed: unknown) => failed), one.endpoint, 0)
  expect(error).toBeInstanceOf(DockerBashError)
  expect(String(error)).toContain('no engine at unix:///nowhere/engine.sock')
})

test('what may be missing is not a failure', async () => {
  refuses = true
  const one = engine()
  expect(await removeContainer(one, 'gone')).toBe(false)
  expect(await statPath(one, 'c', '/nowhere')).toBeUndefined()
  expect(asked.slice(1)).toEqual([
    'DELETE /v1.47/containers/gone?force=true&v=true',
    'HEAD /v1.47/containers/c/archive?path=%2Fnowhere',
  ])
  one.close()
})

test('nobody outside can name what an engine is asked by', () => {
  const one = engine()
  expect(Object.keys(one).filter((name) => name !== 'foreign')).toEqual(['endpoint', 'local', 'api', 'close'])
  // @ts-expect-error: dockerode is for lib/engine alone
  expect(one.docker).toBeUndefined()
  // @ts-expect-error: and so are plain requests
  expect(one.ask).toBeUndefined()
  // @ts-expect-error: and connections that are handed over
  expect(one.hijack).toBeUndefined()
})
