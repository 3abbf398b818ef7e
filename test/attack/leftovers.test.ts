/** What stays with an engine when it, or all of our side, is killed in the middle of a `debug`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { call, request } from '../../scripts/engine-http.mjs'
import { ownerLabel, ownerOf } from '../../src/lib/engine/owner'
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { type Docker, docker } from '../support/docker-api'
import { type Engine, images, privateEngine } from '../support/engine'
import { until } from '../support/until'

let engine: Engine
let api: Docker
beforeAll(async () => {
  engine = await privateEngine(['busybox', 'bare'])
  api = docker(engine.host)
})

interface Listed {
  readonly Id: string
  readonly Names: readonly string[]
}
const filtered = (path: string, filters: object) =>
  call(engine.host, 'GET', `${path}filters=${encodeURIComponent(JSON.stringify(filters))}`)
const ours = async () => (await filtered('/containers/json?all=1&', { label: ['docker-bash.debug'] })) as Listed[]
const lostVolumes = async () =>
  ((await filtered('/volumes?', { dangling: ['true'] })) as { Volumes: unknown[] | null }).Volumes ?? []
const nameless = async () => (await filtered('/images/json?', { dangling: ['true'] })) as { Id: string }[]

test('ten at once leave no image without a name', async () => {
  const { name } = await container({ image: 'bare', cmd: ['/bare', 'exit', '0'], on: api, start: false })
  const runs = Array.from({ length: 10 }, () =>
    run(['debug', '-c', 'true', name], { place: engine, timeoutMs: 120_000 }),
  )
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual(Array(10).fill(0))
  expect(await nameless()).toEqual([])
  expect(await ours()).toEqual([])
})

test('an engine that dies while a copy is made has nothing of it when it is back', async () => {
  const { name } = await container({ image: 'bare', cmd: ['/bare', 'exit', '0'], on: api, start: false })
  const running = start(['debug', '-c', 'sleep 7501', name], { place: engine })
  await until(
    async () => (await ours()).length > 0,
    20_000,
    () => 'no copy was made',
  )
  await engine.kill()
  const { code, stderr } = await running.ended
  expect([125, 255]).toContain(code)
  expect(stderr).not.toContain('unexpected error')
  await engine.restart()
  await until(
    async () => (await ours()).length === 0,
    30_000,
    async () => JSON.stringify(await ours()),
  )
  // The cleanup of the last container takes its volume along a moment later.
  await until(
    async () => (await lostVolumes()).length === 0,
    15_000,
    async () => JSON.stringify(await lostVolumes()),
  )
})

test('what the dead left is swept by the next one, and nobody else’s', async () => {
  const child = spawn('sleep', ['7502'])
  await once(child, 'spawn')
  const dead = ownerOf(child.pid ?? 0) ?? ''
  child.kill('SIGKILL')
  await once(child, 'exit')
  const alive = ownerOf(process.pid) ?? ''
  const [host, boot, ...rest] = dead.split('/')
  const elsewhere = ['f'.repeat(16), boot, ...rest].join('/')
  const before = [host, '00000000-0000-0000-0000-000000000000', ...rest].join('/')
  // Another PID namespace of this host: the number says nothing there.
  const apart = dead.replace(/\/\d+\/(\d+\/\d+)$/, '/1/$1')
  const made = async (owner: string) =>
    api.create(`left-${Math.random().toString(36).slice(2)}`, {
      Image: images.busybox,
      Labels: { [ownerLabel]: owner },
    })
  const gone = [await made(dead), await made(before)]
  const kept = [await made(alive), await made(elsewhere), await made(apart), await made(''), await made('a/b/../c')]
  const { name } = await container({ image: 'bare', cmd: ['/bare', 'exit', '0'], on: api, start: false })
  expect((await run(['debug', '-c', 'true', name], { place: engine })).code).toBe(0)
  const status = async (id: string) => (await request(engine.host, 'GET', `/containers/${id}/json`)).status
  expect(await Promise.all(gone.map(status))).toEqual([404, 404])
  expect(await Promise.all(kept.map(status))).toEqual([200, 200, 200, 200, 200])
})
