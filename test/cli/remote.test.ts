/** Engines that are not behind a plain socket: TLS, ssh, Podman's. */
import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../../scripts/engine-http.mjs'
import { ensurePackages } from '../../scripts/packages.mjs'
import { dl, run } from '../support/cli'
import { container } from '../support/containers'
import { dockerConfig } from '../support/contexts'
import { docker } from '../support/docker-api'
import { type Engine, images, importImage, privateEngine, scratch, sharedEngine } from '../support/engine'
import { within } from '../support/environment'
import { engineBySsh, type SshEngine } from '../support/ssh-engine'
import { sshdContainer, testKey } from '../support/sshd'
import { until } from '../support/until'

const large = scratch('large')

/** What an everyday session needs of a connection: streams both ways, codes, signals from afar. */
async function everyday(target: string[], options: Parameters<typeof run>[1]) {
  const bytes = Buffer.alloc(3_000_000, 'x')
  const both = await run([...target, 'sh', '-c', 'cat; echo err >&2; exit 42'], { ...options, input: bytes })
  expect({ code: both.code, length: both.stdout.length, stderr: both.stderr }).toEqual({
    code: 42,
    length: bytes.length,
    stderr: 'err\n',
  })
  expect((await run(target, { ...options, input: 'echo in a shell\n' })).stdout.toString()).toBe('in a shell\n')
  const input = openSync(largeFile(), 'r')
  const sum = await run([...target, 'sha256sum'], { ...options, input })
  closeSync(input)
  expect(sum.stdout.toString()).toBe(`${createHash('sha256').update(readFileSync(largeFile())).digest('hex')}  -\n`)
  expect((await run([...target, 'nosuch'], options)).code).toBe(127)
}

/** As large as those that the kernel is to move, where it may. */
function largeFile(): string {
  const path = join(large, 'file')
  if (!existsSync(path)) writeFileSync(path, randomBytes(40_000_000))
  return path
}

/** On a busy machine it is said that an engine is waited for. */
const withoutPatience = (stderr: string) => stderr.replace(/^docker-bash: waiting for the engine at .*\n/gm, '')

/** What else there is to do with a container, all of it from afar. */
async function others(name: string, flags: string[], options: Parameters<typeof run>[1]) {
  const says = async (args: string[]) => {
    const { code, stdout, stderr } = await run([...args.slice(0, -1), ...flags, ...args.slice(-1)], options)
    expect({ args, code, stderr: withoutPatience(stderr) }).toEqual({ args, code: 0, stderr: '' })
    return stdout.toString()
  }
  expect(await says(['ip', name])).toMatch(/^\d+(\.\d+){3}\n$/)
  const listed = await run(['ls', '--filter', `name=${name}`, ...flags], options)
  expect({ code: listed.code, stderr: withoutPatience(listed.stderr) }).toEqual({ code: 0, stderr: '' })
  expect(listed.stdout.toString()).toMatch(name)
  expect((await run(['debug', ...flags, name, 'hostname'], options)).stdout.toString()).toMatch(/^[0-9a-f]{12}\n$/)
  expect((await dl([...flags], options)).code).toBe(0)
  const explained = JSON.parse(await says(['explain', '--json', name])) as {
    transport: string
    verdicts: Array<{ transport: string; fits: boolean; because: string }>
  }
  const verdict = (way: string) => explained.verdicts.find(({ transport }) => transport === way)
  // What only the engine's own host can do is judged so, with the reason.
  for (const way of ['runc', 'nsenter']) {
    expect(verdict(way)).toMatchObject({ fits: false, because: 'the engine is not on this host' })
  }
  expect([explained.transport, verdict('exec')?.fits]).toEqual(['exec', true])
  const refused = await run([...flags, '--via', 'runc', name, 'true'], options)
  expect(refused).toMatchObject({ code: 125, stderr: expect.stringMatching('the engine is not on this host') })
}

describe('tcp with TLS', () => {
  let engine: Awaited<ReturnType<typeof privateEngine>>
  let name: string
  let env: Record<string, string>
  let host: string
  beforeAll(async () => {
    engine = await privateEngine(['busybox'], { tls: true })
    name = (await container({ image: 'busybox', network: true, on: docker(engine.host) })).name
    const { certPath = '' } = engine.tls ?? {}
    host = engine.tls?.host ?? ''
    env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certPath }
  })
  test('by DOCKER_HOST; without its certificates it is refused', async () => {
    await everyday([name], { place: engine, env: { ...env, DOCKER_HOST: host } })
    const without = { ...env, DOCKER_HOST: host, DOCKER_CERT_PATH: scratch('empty') }
    expect(await run([name, 'true'], { place: engine, env: without })).toMatchObject({
      code: 125,
      stdout: Buffer.alloc(0),
      stderr: expect.stringMatching(/no engine at tcp:/),
    })
  })
  test('by -H', async () => {
    const options = { place: engine, env: { ...env, DOCKER_HOST: 'unix:///nowhere' }, timeoutMs: 60_000 }
    await everyday(['-H', host, name], options)
    await others(name, ['-H', host], options)
  })
  test('by a context, whose certificates are in Docker’s store', async () => {
    const DOCKER_CONFIG = dockerConfig({ afar: { host, certPath: env.DOCKER_CERT_PATH ?? '' } })
    const options = { place: engine, env: { DOCKER_CONFIG, DOCKER_HOST: 'unix:///nowhere' }, timeoutMs: 60_000 }
    await everyday(['--context', 'afar', name], options)
    await others(name, ['--context', 'afar'], options)
  })
})

describe('ssh, through `docker system dial-stdio`', () => {
  let afar: SshEngine
  let name: string
  /** Who lists containers logs in for each: one with no more than this file's own. */
  let engine: Engine
  let few: SshEngine
  beforeAll(async () => {
    afar = await engineBySsh()
    name = (await container({ image: 'busybox', network: true })).name
    engine = await privateEngine(['busybox'])
    few = await engineBySsh({ place: engine })
  })
  test('by DOCKER_HOST; where nothing listens it is said', async () => {
    const { host, path } = afar
    await everyday([name], { env: { PATH: path, DOCKER_HOST: host }, timeoutMs: 60_000 })
    const wrong = await run([name, 'true'], { env: { PATH: path, DOCKER_HOST: host.replace(/:\d+\//, ':1/') } })
    expect(wrong).toMatchObject({ code: 125, stderr: expect.stringMatching(/no engine at ssh:.*(refused|closed)/i) })
  })
  test('an sshd’s own address is not a route from afar; an exec carries it', async () => {
    const key = testKey()
    const box = await sshdContainer({ key })
    const env = { PATH: afar.path }
    const flags = ['-H', afar.host, '--identity', key.path]
    const explained = await run(['explain', '--json', ...flags, box.name], { env, timeoutMs: 60_000 })
    expect(JSON.parse(explained.stdout.toString()).target.sshd.roads[0]).toMatchObject({
      name: 'address',
      refusal: 'the engine is on another machine',
    })
    const inside = await run([...flags, '--via', 'ssh', box.name, 'hostname'], { env, timeoutMs: 60_000 })
    expect(inside.stdout.toString()).toBe(`${box.id.slice(0, 12)}\n`)
  })
  test('ls and run ask no more at once than an sshd takes', async () => {
    const labels = { 'many.by.ssh': 'yes' }
    const on = docker(engine.host)
    const many = await Promise.all(Array.from({ length: 12 }, () => container({ image: 'busybox', labels, on })))
    const options = { place: engine, env: { PATH: few.path }, timeoutMs: 100_000 }
    const { code, stdout, stderr } = await run(['ls', '-H', few.host], options)
    expect({ code, stderr: withoutPatience(stderr) }).toEqual({ code: 0, stderr: '' })
    for (const one of many) expect(stdout.toString()).toMatch(one.name)
    const all = await run(['run', '-H', few.host, 'label:many.by.ssh', '--', 'true'], options)
    expect({ code: all.code, stderr: all.stderr }).toMatchObject({ code: 0 })
  })
  test('by -H, and by a context', async () => {
    const { name: own } = await container({ image: 'busybox', network: true, on: docker(engine.host) })
    const DOCKER_CONFIG = dockerConfig({ afar: few.host })
    const env = { PATH: few.path, DOCKER_CONFIG, DOCKER_HOST: 'unix:///nowhere' }
    for (const flags of [
      ['-H', few.host],
      ['--context', 'afar'],
    ]) {
      await everyday([...flags, own], { place: engine, env, timeoutMs: 60_000 })
      await others(own, flags, { place: engine, env, timeoutMs: 60_000 })
    }
  })
})

test("Podman's Docker API", async () => {
  ensurePackages({ podman: 'podman', crun: 'crun' })
  // Podman takes no longer path than 50 characters for its run folder.
  const folder = mkdtempSync('/tmp/dbp-')
  const socket = join(folder, 'podman.sock')
  const storage = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run'), '--runtime', '/usr/sbin/runc']
  const [program = '', ...args] = within(sharedEngine(), [
    'podman',
    ...storage,
    '--cgroup-manager',
    'cgroupfs',
    'system',
    'service',
  ])
  const child = spawn(program, [...args, '--time', '0', `unix://${socket}`], { stdio: ['ignore', 'ignore', 'pipe'] })
  closing.push(() => child.kill())
  closing.push(() => execFileSync('sh', ['-c', 'umount "$0/root/overlay" 2>/dev/null; rm -r "$0"', folder]))
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => (log += chunk))
  const host = `unix://${socket}`
  const answers = () =>
    request(host, 'GET', '/_ping').then(
      ({ status }) => status === 200,
      () => false,
    )
  await until(answers, 20_000, () => log)
  await importImage(host, 'busybox')
  const Ulimits = [
    { Name: 'nofile', Soft: 1024, Hard: 1024 },
    { Name: 'nproc', Soft: 1000, Hard: 1000 },
  ]
  const { name } = await container({
    image: 'busybox',
    on: docker(host),
    hostConfig: { Ulimits, NetworkMode: 'host' },
  })
  expect(images.busybox).toMatch('busybox')
  const options = { env: { DOCKER_HOST: host }, timeoutMs: 60_000 }
  await everyday([name], options)
  const [sent, back] = [join(folder, 'sent'), join(folder, 'back')]
  writeFileSync(sent, 'there and back')
  expect(await run(['cp', sent, `${name}:/tmp/`], options)).toMatchObject({ code: 0, stderr: '' })
  expect(await run(['cp', `${name}:/tmp/sent`, back], options)).toMatchObject({ code: 0, stderr: '' })
  expect(readFileSync(back, 'utf8')).toBe('there and back')
  const serve = ['nc', '-ll', '-p', '8123', '-e', 'echo', 'here']
  const server = await container({
    image: 'busybox',
    on: docker(host),
    hostConfig: { Ulimits },
    cmd: serve,
    network: false,
  })
  const port = randomInt(20_000, 30_000)
  const ask = ['busybox', 'nc', '127.0.0.1', `${port}`]
  const asked = await run(['forward', '--wait', server.name, `${port}:8123`, '--', ...ask], options)
  expect({ ...asked, stdout: asked.stdout.toString() }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^here$/m),
  })
})

const closing: Array<() => void> = []
afterAll(() => {
  for (const close of closing) close()
})
