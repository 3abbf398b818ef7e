/** A swarm of two engines, each in its own network namespace, with tasks on both: any of them by its name, from either. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { processes } from '../../scripts/proc.mjs'
import { run } from '../support/cli'
import { container } from '../support/containers'
import { dockerConfig } from '../support/contexts'
import { scratch, sharedEngine } from '../support/engine'
import { engineBySsh } from '../support/ssh-engine'
import { makeSwarm, type Swarm } from '../support/swarm'
import { openTerminal } from '../support/tmux'

let swarm: Swarm
/** Docker's config with a context for each node. */
let store: string
beforeAll(async () => {
  swarm = await makeSwarm()
  store = dockerConfig({ 'to-alpha': swarm.alpha.engine.host, 'to-beta': swarm.beta.engine.host })
  await Promise.all([swarm.service('web', { replicas: 2 }), swarm.service('each', { global: true })])
})

type Options = Parameters<typeof run>[1]
/** By default on the manager, with contexts for both nodes. */
const on = (node: 'alpha' | 'beta', DOCKER_CONFIG: string = store, env = {}): Options => ({
  place: swarm[node].engine,
  env: { DOCKER_CONFIG, ...env },
})
async function says(args: string[], options: Options = on('alpha')) {
  const { code, stdout, stderr } = await run(args, options)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.toString().trim()
}
async function refusal(args: string[], options: Options = on('alpha')) {
  const { code, stdout, stderr } = await run(args, options)
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
  return stderr
}
/** The running task of a slot, and that of a node. */
const inSlot = (service: string, slot: number) =>
  swarm.task(service, (one) => one.Slot === slot && one.Status.State === 'running' && one.DesiredState === 'running')
const onNode = async (service: string, node: 'alpha' | 'beta') => {
  const task = await swarm.task(
    service,
    ({ NodeID, Status }) => NodeID === swarm[node].id && Status.State === 'running',
  )
  const id = task.Status.ContainerStatus?.ContainerID ?? ''
  return { ...task, name: `${service}.${task.Slot ?? task.NodeID}`, container: id, hostname: id.slice(0, 12) }
}

describe('on whichever node', () => {
  test('web.1 and web.2, task:, its ID and the container’s whole name', async () => {
    const nodes = new Set<string>()
    for (const slot of [1, 2]) {
      const task = await inSlot('web', slot)
      nodes.add(task.NodeID ?? '')
      const expected = task.Status.ContainerStatus?.ContainerID.slice(0, 12)
      for (const name of [
        `web.${slot}`,
        `task:web.${slot}`,
        `task:${task.ID}`,
        `task:${task.ID.slice(0, 12)}`,
        `web.${slot}.${task.ID}`,
        `service:web#${slot}`,
      ]) {
        expect([name, await says([name, 'hostname'])]).toEqual([name, expected])
      }
    }
    expect(nodes.size).toBe(2)
  })
  test('a global service’s task by its node', async () => {
    for (const node of ['alpha', 'beta'] as const) {
      const { name, hostname } = await onNode('each', node)
      expect(name).toBe(`each.${swarm[node].id}`)
      expect(await says([name, 'hostname'])).toBe(hostname)
    }
  })
  test('a stack’s service, whose name has its stack’s in it', async () => {
    await swarm.service('shop_web', { replicas: 1, labels: { 'com.docker.stack.namespace': 'shop' } })
    expect(await says(['shop_web.1', 'hostname'])).toMatch(/^[0-9a-f]{12}$/)
    expect(await says(['service:shop_web', 'hostname'])).toMatch(/^[0-9a-f]{12}$/)
  })
  test('streams, codes and -v, as with any container', async () => {
    const { name, container: id } = await onNode('web', 'beta')
    const { code, stdout, stderr } = await run(['-v', name, 'sh', '-c', 'cat; exit 42'], {
      ...on('alpha'),
      input: 'through\n',
    })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 42, stdout: 'through\n' })
    expect(stderr).toMatch(`docker-bash: ${name} on node beta (${swarm.beta.address}), by context to-beta\n`)
    expect(stderr).toMatch(`(${id.slice(0, 12)}) by `)
  })
  test('explain, ip, debug and ls inside, too', async () => {
    const { name, id, hostname } = { ...(await onNode('web', 'beta')), id: (await onNode('web', 'beta')).container }
    expect(await says(['explain', name])).toMatch(`${name} on node beta (${swarm.beta.address}), by context to-beta`)
    expect(JSON.parse(await says(['explain', '--json', name]))).toMatchObject({
      target: { id },
      engine: swarm.beta.engine.host,
      task: { name, service: 'web', node: { id: swarm.beta.id, name: 'beta' }, by: 'context to-beta' },
    })
    const { NetworkSettings } = await swarm.beta.api.inspect(id)
    const [network] = Object.values(NetworkSettings.Networks)
    expect(await says(['ip', name])).toBe(network?.IPAddress)
    expect(await says(['debug', name, 'hostname'])).toBe(hostname)
  })
})

describe('service:', () => {
  /** A shell on the manager, at a terminal. */
  const terminal = async (env = {}) => {
    const opened = await openTerminal({ place: swarm.alpha.engine, env: { DOCKER_CONFIG: store, ...env } })
    await opened.until(/\$ *$/, 30_000)
    return opened
  }
  const enter = async (at: Awaited<ReturnType<typeof terminal>>, line: string) => {
    await at.type(line)
    await at.keys('Enter')
  }
  test('the newest of its running tasks; at a terminal without a picker that is said', async () => {
    const hostnames = await Promise.all([onNode('web', 'alpha'), onNode('web', 'beta')])
    expect(hostnames.map((one) => one.hostname)).toContain(await says(['service:web', 'hostname']))
    const at = await terminal({ DOCKER_BASH_PICKER: 'false' })
    await enter(at, 'docker-bash service:web true')
    await at.until(/web\.\d is the newest of 2 tasks of web/, 30_000)
    await at.kill()
  })
  test.each([
    'docker-bash service:web hostname',
    'docker-bash explain service:web',
    'docker-bash debug service:web hostname',
  ])('at a terminal a list of them: %s', async (line) => {
    const { name, hostname } = await onNode('web', 'beta')
    const at = await terminal()
    await enter(at, line)
    const list = await at.until(/^web is 2 tasks:\n> /m, 30_000)
    expect(list).toMatch(/^[> ] web\.\d +on alpha +up \d+ \w+$/m)
    expect(list).toMatch(/^[> ] web\.\d +on beta +up \d+ \w+$/m)
    await at.type('beta')
    await at.until((screen) => !/on alpha/.test(screen), 30_000)
    await at.keys('Enter')
    const screen = await at.until((seen) => seen.includes(hostname), 30_000)
    expect(screen).toMatch(`docker-bash: the same: ${line.replace('service:web', name)}\n`)
    expect(screen).not.toMatch('is 2 tasks')
    await at.kill()
  })
  test('whoever leaves the list: 130', async () => {
    for (const line of ['docker-bash service:web hostname', 'docker-bash key install service:web']) {
      const at = await terminal()
      await enter(at, `${line}; echo code $?`)
      await at.until(/^web is 2 tasks:\n> /m, 30_000)
      await at.keys('C-c')
      await at.until(/^code 130$/m, 30_000)
      await at.kill()
    }
  })
  test('a compose service of this folder’s project comes first', async () => {
    const cwd = join(scratch('compose'), 'shop')
    mkdirSync(cwd, { recursive: true })
    writeFileSync(join(cwd, 'compose.yaml'), 'services: {}\n')
    const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' }
    const own = await container({ image: 'busybox', labels, on: swarm.alpha.api })
    expect(await says(['service:web', 'hostname'], { ...on('alpha'), cwd })).toBe(own.id.slice(0, 12))
    const task = await inSlot('web', 1)
    expect(await says(['task:web.1', 'hostname'], { ...on('alpha'), cwd })).toBe(
      task.Status.ContainerStatus?.ContainerID.slice(0, 12),
    )
    await own.remove()
  })
  test('a container of that name comes before the task', async () => {
    const own = await container({ image: 'busybox', name: 'web.1', on: swarm.alpha.api })
    expect(await says(['web.1', 'hostname'])).toBe(own.id.slice(0, 12))
    expect(await says(['task:web.1', 'hostname'])).not.toBe(own.id.slice(0, 12))
    await own.remove()
  })
})

describe('run', () => {
  test('the same command in all of a service’s tasks, on whichever node, and in tasks by their names', async () => {
    const [one, two] = await Promise.all([inSlot('web', 1), inSlot('web', 2)])
    const hosts = [one, two].map(({ Status }) => Status.ContainerStatus?.ContainerID.slice(0, 12))
    for (const selectors of [['service:web'], ['web.1', 'task:web.2']]) {
      const { code, stdout } = await run(['run', '--json', ...selectors, '--', 'hostname'], on('alpha'))
      expect(code).toBe(0)
      const lines = stdout
        .toString()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, string>)
      const said = lines.flatMap(({ container, line }) => (line ? [`${container} ${line}`] : []))
      expect([selectors, said.sort()]).toEqual([selectors, [`web.1 ${hosts[0]}`, `web.2 ${hosts[1]}`]])
    }
  })
  test('a node that nothing leads to: nothing is begun anywhere', async () => {
    const stderr = await refusal(['run', 'service:web', '--', 'touch', '/begun'], on('alpha', dockerConfig({})))
    expect(stderr).toMatch(/web\.\d is on node beta .* nothing here leads to its engine/)
    const { name } = await onNode('web', 'alpha')
    expect((await run([name, 'test', '-e', '/begun'], on('alpha'))).code).toBe(1)
  })
})

describe('what is not there', () => {
  test('a slot, a service, a task, a swarm', async () => {
    expect(await refusal(['web.7', 'true'])).toBe('docker-bash: web has no task web.7\n  it has web.1, web.2\n')
    expect(await refusal(['nosuch.1', 'true'])).toMatch('docker-bash: no container named nosuch.1\n')
    expect(await refusal(['service:nosuch', 'true'])).toMatch('docker-bash: no container for service:nosuch\n')
    expect(await refusal(['task:nosuch.1', 'true'])).toMatch('docker-bash: no swarm task nosuch.1\n')
    expect(await refusal(['task:zzzz', 'true'])).toMatch('docker-bash: no swarm task zzzz\n')
    expect(await refusal(['web', 'true'])).toMatch(/no container named web\n.*docker-bash service:web/)
    for (const odd of ['../info.1', 'a/b.2', '%2e%2e.1']) {
      expect(await refusal([`task:${odd}`, 'true'])).toMatch(`no swarm task ${odd}`)
    }
    const { host } = sharedEngine()
    expect(await refusal(['task:web.1', 'true'], {})).toMatch(`docker-bash: the engine at ${host} is in no swarm`)
    expect(await refusal(['web.1', 'true'], {})).toMatch('docker-bash: no container named web.1\n')
  })
})

describe('the road to a node', () => {
  test('no context: which node it is, and the three ways to name it', async () => {
    const { name } = await onNode('web', 'beta')
    const { id, address } = swarm.beta
    const stderr = await refusal([name, 'true'], on('alpha', dockerConfig({})))
    expect(stderr).toMatch(`docker-bash: ${name} is on node beta (${address}), and nothing here leads to its engine\n`)
    expect(stderr).toMatch(`docker context create beta --docker host=ssh://${address}`)
    expect(stderr).toMatch(`"nodes": {"beta": "ssh://${address}"}`)
    expect(stderr).toMatch('"nodesBySsh": true')
    expect(stderr).toMatch(id)
  })
  test('contexts of another swarm, of none, and of what does not answer are named, and not taken', async () => {
    const { name } = await onNode('web', 'beta')
    const other = await makeSwarm(['gamma', 'delta'])
    await other.service('web', { replicas: 2 })
    const wrong = dockerConfig({
      beta: other.beta.engine.host,
      alone: sharedEngine().host,
      gone: 'unix:///nowhere.sock',
      odd: 'gopher://x',
    })
    const stderr = await refusal([name, 'true'], on('alpha', wrong))
    expect(stderr).toMatch(`context beta: another node, delta (${other.beta.address})`)
    expect(stderr).toMatch('context alone: an engine in no swarm')
    expect(stderr).toMatch(/context gone: no engine at .*there is no such socket/)
    expect(stderr).toMatch(/context odd: cannot reach an engine by gopher/)
  })
  test('one that takes the connection and never answers is left after five seconds', async () => {
    const { name, hostname } = await onNode('web', 'beta')
    const silent = await silentEngine()
    const before = Date.now()
    const stderr = await refusal([name, 'true'], on('alpha', dockerConfig({ silent })))
    expect(stderr).toMatch('context silent: no answer in 5 s')
    expect(Date.now() - before).toBeLessThan(30_000)
    // Nor does it hold up the one that leads there.
    const both = dockerConfig({ silent, 'to-beta': swarm.beta.engine.host })
    expect(await says([name, 'hostname'], on('alpha', both))).toBe(hostname)
  })
  test('an ssh that hangs is left after ten, and ended; it may not ask for anything', async () => {
    const { name, hostname } = await onNode('web', 'beta')
    const bin = scratch('bin')
    const word = `hangs${process.pid}`
    writeFileSync(
      join(bin, 'ssh'),
      `#!/bin/sh\necho "$*" >>${bin}/asked\nexec sh -c 'while :; do read -r x; done' ${word}\n`,
    )
    chmodSync(join(bin, 'ssh'), 0o755)
    const env = { PATH: `${bin}:/usr/bin:/bin` }
    const hangs = () => processes().filter(({ args, state }) => state !== 'Z' && args.includes(word))
    const stderr = await refusal([name, 'true'], on('alpha', dockerConfig({ hangs: 'ssh://stuck' }), env))
    expect(stderr).toMatch('context hangs: no answer in 10 s')
    expect(readFileSync(join(bin, 'asked'), 'utf8')).toMatch(/^-o BatchMode=yes .* -- stuck docker system dial-stdio$/m)
    expect(hangs()).toEqual([])
    const both = dockerConfig({ hangs: 'ssh://stuck', 'to-beta': swarm.beta.engine.host })
    expect(await says([name, 'hostname'], on('alpha', both, env))).toBe(hostname)
    expect(hangs()).toEqual([])
  })
  test('by the config’s nodes: the machine’s name, the node’s ID, its address; but only if the engine is that node', async () => {
    const { name, hostname } = await onNode('web', 'beta')
    const config = (nodes: Record<string, string>) =>
      on('alpha', dockerConfig({}), { XDG_CONFIG_HOME: settings({ nodes }) })
    for (const key of ['beta', swarm.beta.id, swarm.beta.address]) {
      expect([key, await says([name, 'hostname'], config({ [key]: swarm.beta.engine.host }))]).toEqual([key, hostname])
    }
    const stderr = await refusal([name, 'true'], config({ beta: swarm.alpha.engine.host }))
    expect(stderr).toMatch('nodes.beta: another node, alpha')
  })
})

describe('on a worker', () => {
  test('its own tasks by their labels, without a manager', async () => {
    const { name, hostname, ID } = await onNode('web', 'beta')
    const alone = on('beta', dockerConfig({}))
    for (const target of [name, `task:${name}`, `task:${ID}`, 'service:web']) {
      expect([target, await says([target, 'hostname'], alone)]).toEqual([target, hostname])
    }
    expect((await run(['-v', name, 'true'], alone)).stderr).toMatch(`${name} on node beta (${swarm.beta.address})`)
  })
  test('another’s through a manager of its swarm, which a context leads to', async () => {
    const { name, hostname } = await onNode('web', 'alpha')
    expect(await says([name, 'hostname'], on('beta'))).toBe(hostname)
  })
  test('another’s without a manager: who could tell', async () => {
    const { name } = await onNode('web', 'alpha')
    const stderr = await refusal([name, 'true'], on('beta', dockerConfig({})))
    expect(stderr).toMatch(
      `docker-bash: ${name} is not on this node, and only a manager of its swarm knows where it is\n`,
    )
    expect(stderr).toMatch(`${swarm.alpha.address}:2377  node ${swarm.alpha.id}`)
    expect(stderr).toMatch('--context NAME')
  })
})

describe('by ssh to the node’s address', () => {
  test('only when it is allowed', async () => {
    const { name, hostname } = await onNode('web', 'beta')
    const { address, engine } = swarm.beta
    const { path } = await engineBySsh({ place: engine, address })
    const allowed = { XDG_CONFIG_HOME: settings({ nodesBySsh: true }), PATH: path }
    const options = { ...on('alpha', dockerConfig({}), allowed), timeoutMs: 60_000 }
    expect(await says([name, 'hostname'], options)).toBe(hostname)
    expect((await run(['-v', name, 'true'], options)).stderr).toMatch('by nodesBySsh')
    const not = on('alpha', dockerConfig({}), { PATH: path })
    expect(await refusal([name, 'true'], not)).toMatch('"nodesBySsh": true')
  })
})

test('a container of the engine’s own costs no question to the swarm', async () => {
  const own = await container({ image: 'busybox', on: swarm.alpha.api })
  const { host, asked } = await listening(swarm.alpha.engine.host)
  const options = { ...on('alpha'), env: { DOCKER_CONFIG: store, DOCKER_HOST: host } }
  for (const target of [own.id, own.name, own.id.slice(0, 12)]) await says([target, 'true'], options)
  expect(asked().length).toBeGreaterThanOrEqual(3)
  expect(asked().filter((path) => /^(\/v[\d.]+)?\/(info|tasks|services|nodes|swarm)/.test(path))).toEqual([])
  await says(['web.1', 'true'], options)
  expect(asked().some((path) => /\/tasks/.test(path))).toBe(true)
})

/** XDG_CONFIG_HOME with docker-bash's own config. */
function settings(values: object): string {
  const folder = scratch('settings')
  mkdirSync(join(folder, 'docker-bash'))
  writeFileSync(join(folder, 'docker-bash', 'config.json'), JSON.stringify(values))
  return folder
}

const servers: Server[] = []
async function serve(accept: (socket: Socket) => void): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, accept)
  const path = join(scratch('socket'), 'socket')
  await new Promise<void>((ready) => server.listen(path, ready))
  servers.push(server)
  return `unix://${path}`
}
afterAll(() => {
  for (const server of servers) server.close()
})

/** Takes every connection and says nothing. */
const silentEngine = () => serve((socket) => socket.on('error', () => undefined))

/** An engine, and the paths of what was asked of it. */
async function listening(engine: string) {
  let heard = ''
  const host = await serve((socket) => {
    const other = connect({ path: engine.replace('unix://', ''), allowHalfOpen: true })
    socket.on('data', (chunk) => (heard += chunk.toString('latin1')))
    socket.pipe(other).pipe(socket)
    socket.on('error', () => other.destroy())
    other.on('error', () => socket.destroy())
  })
  return { host, asked: () => [...heard.matchAll(/(?:GET|POST) (\S+) HTTP/g)].map(([, path = '']) => path) }
}
