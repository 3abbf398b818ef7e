/** Which container is meant, by what the engine answers; test/cli/targets.test.ts asks real ones. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerInfo } from 'dockerode'
import { client } from '../../../src/lib/engine/client'
import type { Engine } from '../../../src/lib/engine/engine'
import { parseTarget } from '../../../src/lib/target/parse'
import { Ambiguous, NoContainer, resolve } from '../../../src/lib/target/resolve'
import { temporary } from '../../support/temporary'

interface Known {
  readonly name: string
  readonly id: string
  readonly state?: string
  readonly labels?: Record<string, string>
  readonly image?: string
}

/** An engine that has these, the newest first, and answers as Docker does. */
function engine(known: readonly Known[]): { engine: Engine; asked: string[] } {
  const asked: string[] = []
  const full = ({ id }: Known) => id.padEnd(64, '0')
  const refused = (statusCode: number, message: string) => Object.assign(new Error(message), { statusCode })
  const inspect = (one: Known) => ({
    Id: full(one),
    Name: `/${one.name}`,
    State: { Status: one.state ?? 'running', Pid: 1 },
    Config: { Image: one.image ?? 'nginx', User: '', WorkingDir: '', Env: [], Labels: one.labels ?? {} },
    HostConfig: {},
    NetworkSettings: { Networks: {}, Ports: {} },
  })
  const ask = async ({ path }: { path: string }) => {
    asked.push(path)
    const text = path.split('/')[2] ?? ''
    const found = known.find((one) => full(one) === text) ?? known.find(({ name }) => name === text) ?? undefined
    if (found) return inspect(found)
    const begin = known.filter((one) => full(one).startsWith(text))
    if (begin.length > 1) throw refused(400, `Multiple IDs found with provided prefix: ${text}`)
    if (begin[0]) return inspect(begin[0])
    throw refused(404, `No such container: ${text}`)
  }
  const listContainers = async ({ all = false, filters = {} as { label?: string[] } } = {}) => {
    asked.push('list')
    const fits = ({ labels = {} }: Known) =>
      (filters.label ?? []).every(
        (label) => labels[label.slice(0, label.indexOf('='))] === label.slice(label.indexOf('=') + 1),
      )
    return known
      .filter((one) => (all || (one.state ?? 'running') === 'running') && fits(one))
      .map((one) => ({
        Id: full(one),
        Names: [`/${one.name}`],
        Image: one.image ?? 'nginx',
        ImageID: 'sha256:0',
        State: one.state ?? 'running',
        Labels: one.labels ?? {},
        Created: 0,
      })) as unknown as ContainerInfo[]
  }
  const endpoint = { kind: 'unix', path: '/nowhere', host: 'unix:///nowhere' }
  return { engine: { endpoint, [client]: { ask, docker: { listContainers } } } as unknown as Engine, asked }
}

const nowhere = { cwd: '/', env: {} }
const meant = async (
  known: readonly Known[],
  text: string,
  around: { cwd: string; env: NodeJS.ProcessEnv } = nowhere,
) => (await resolve(engine(known).engine, parseTarget(text), around)).name

const service = (name: string, number = 1, more: Record<string, string> = {}) => ({
  'com.docker.compose.service': name,
  'com.docker.compose.project': 'shop',
  'com.docker.compose.container-number': String(number),
  ...more,
})
function shop() {
  const cwd = join(temporary('compose'), 'shop')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'compose.yaml'), 'services: {}\n')
  return { cwd, env: {} }
}

const web = { name: 'web', id: 'abc1' }

test('an exact name comes before the start of an ID, and is asked for once', async () => {
  const { engine: one, asked } = engine([
    { name: 'other', id: 'feed' },
    { name: 'feed', id: 'abc' },
  ])
  expect((await resolve(one, parseTarget('feed'), nowhere)).name).toBe('feed')
  expect(asked).toEqual(['/containers/feed/json'])
  expect(await meant([{ name: 'other', id: 'feed' }], 'feed')).toBe('other')
  expect(await meant([{ name: 'other', id: 'feed' }], 'id:feed')).toBe('other')
})

test('name: takes no ID, and id: no name', async () => {
  await expect(meant([web], 'name:abc1')).rejects.toThrow('no container named abc1')
  await expect(meant([web], 'id:web')).rejects.toThrow('no container named web')
})

test('a service of this folder’s project comes before the start of an ID, and after a name', async () => {
  const api = { name: 'shop-api-1', id: '1', labels: service('feed') }
  const begun = { name: 'begun', id: 'feed' }
  expect(await meant([begun, api], 'feed', shop())).toBe('shop-api-1')
  expect(await meant([begun, api], 'feed')).toBe('begun')
  expect(await meant([api, { name: 'feed', id: '2' }], 'feed', shop())).toBe('feed')
})

test('of a service, the one that runs; what `docker compose run` left is none of it', async () => {
  const ended = { name: 'shop-api-1', id: '1', state: 'exited', labels: service('api') }
  const runs = { name: 'shop-api-2', id: '2', labels: service('api', 2) }
  const left = { name: 'shop-api-run', id: '3', labels: service('api', 1, { 'com.docker.compose.oneoff': 'True' }) }
  expect(await meant([ended, runs, left], 'service:api', shop())).toBe('shop-api-2')
  expect(await meant([ended, runs, left], 'service:api#1', shop())).toBe('shop-api-1')
  expect(await meant([ended], 'service:api', shop())).toBe('shop-api-1')
})

test('several that are meant are all named', async () => {
  const two = [web, { name: 'web-2', id: 'abc2', image: 'redis' }]
  const failure = await meant(two, 'abc').catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Ambiguous)
  expect(failure).toMatchObject({
    message: 'abc is the start of 2 container IDs',
    lines: [
      expect.stringMatching(/^abc100000000 {2}web {4}nginx {2}/),
      expect.stringMatching(/^abc200000000 {2}web-2 {2}redis /),
    ],
    candidates: [{ name: 'web' }, { name: 'web-2' }],
  })
  const twelve = Array.from({ length: 12 }, (_, n) => ({ name: `n${n}`, id: `${n}f`, labels: { tier: 'front' } }))
  await expect(meant(twelve, 'label:tier=front')).rejects.toMatchObject({
    message: 'label:tier=front is 12 containers',
    lines: expect.arrayContaining(['and 2 more']),
  })
})

test('-l is the newest that runs', async () => {
  const newest = { name: 'newest', id: '9', state: 'exited' }
  const { engine: one } = engine([newest, web])
  expect((await resolve(one, { kind: 'latest' }, nowhere)).name).toBe('web')
  await expect(resolve(engine([newest]).engine, { kind: 'latest' }, nowhere)).rejects.toThrow('no container is running')
})

test('none: the nearest names, of containers and services; nothing that is not a name is asked for', async () => {
  const known = [web, { name: 'shop-api-1', id: '2', labels: service('backend') }]
  await expect(meant(known, 'wbe')).rejects.toMatchObject({ hint: 'did you mean web? docker-bash ls shows what runs' })
  await expect(meant(known, 'backen')).rejects.toMatchObject({ hint: expect.stringMatching(/did you mean backend/) })
  const { engine: one, asked } = engine([{ ...web, state: 'exited' }])
  const failure = await resolve(one, parseTarget('../images/json?x'), nowhere).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(NoContainer)
  expect(failure).toMatchObject({ hint: expect.stringMatching(/nothing runs on this engine/) })
  expect(asked).toEqual(['list'])
})

test('an engine that refuses is said to, and is not an engine without the container', async () => {
  const { engine: one } = engine([])
  const ask = () => Promise.reject(Object.assign(new Error('(HTTP code 500) boom'), { statusCode: 500 }))
  const broken = { ...one, [client]: { ask } } as unknown as Engine
  await expect(resolve(broken, parseTarget('web'), nowhere)).rejects.toThrow(/the engine at unix:\S+ refused: .*boom/)
})
