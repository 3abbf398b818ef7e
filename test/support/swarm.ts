/** A swarm of private engines, each in a network namespace and with a machine name of its own, joined by a cable. */
import { execFileSync } from 'node:child_process'
import { type Docker, docker } from './docker-api'
import { type Engine, type ImageName, images, privateEngine } from './engine'
import { until } from './until'

export interface Node {
  readonly engine: Engine
  readonly api: Docker
  /** Its machine's name. */
  readonly name: string
  /** In the net that joins the engines. */
  readonly address: string
  /** In the swarm. */
  readonly id: string
}

export interface Task {
  ID: string
  ServiceID: string
  Slot?: number
  NodeID?: string
  DesiredState: string
  Status: { State: string; Err?: string; ContainerStatus?: { ContainerID: string } }
}

export interface ServiceOptions {
  /** Default: one task on each node. */
  replicas?: number
  command?: string[]
  /** Such as `node.id==…`. */
  constraints?: string[]
  labels?: Record<string, string>
}

/** What stays and ends at once on SIGTERM. */
const stay = ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait $!; done']

/**
 * A swarm of a manager and a worker, both with busybox; taken down after the file's last test.
 * @param names their machines' names
 */
export async function makeSwarm(names: readonly [string, string] = ['alpha', 'beta']) {
  const engines = await Promise.all(names.map((hostname) => privateEngine(['busybox'], { hostname })))
  const [first, second] = engines
  if (!first || !second) throw new Error('no engines')
  cable(first, second)
  const place = (n: number) => ({ ListenAddr: `${address(n)}:2377`, AdvertiseAddr: address(n) })
  const [manager, worker] = [docker(first.host), docker(second.host)]
  // A node that is gone is missed after three of these (in nanoseconds).
  const Spec = { Dispatcher: { HeartbeatPeriod: 1_000_000_000 } }
  await manager.call('POST', '/swarm/init', { ...place(1), DataPathAddr: address(1), Spec })
  const { JoinTokens } = (await manager.call('GET', '/swarm')) as { JoinTokens: { Worker: string } }
  const RemoteAddrs = [`${address(1)}:2377`]
  await worker.call('POST', '/swarm/join', { ...place(2), RemoteAddrs, JoinToken: JoinTokens.Worker })
  const nodes: Node[] = await Promise.all(
    engines.map(async (engine, i) => {
      const api = docker(engine.host)
      const { Swarm } = (await api.call('GET', '/info')) as { Swarm: { NodeID: string } }
      return { engine, api, name: names[i] ?? '', address: address(i + 1), id: Swarm.NodeID }
    }),
  )
  const [alpha, beta] = nodes as [Node, Node]
  return { alpha, beta, ...asked(manager) }
}

export type Swarm = Awaited<ReturnType<typeof makeSwarm>>

/** What is asked of a manager. */
function asked(manager: Docker) {
  const tasks = async (service: string) =>
    (await manager.call(
      'GET',
      `/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [service] }))}`,
    )) as Task[]
  const state = async (service: string) => JSON.stringify((await tasks(service)).map((one) => [one.Slot, one.Status]))
  /** Waits until a task of the service is as asked. */
  const task = (service: string, fits: (task: Task) => boolean, timeoutMs = 30_000) =>
    until(
      async () => (await tasks(service)).find(fits),
      timeoutMs,
      () => state(service),
    )
  /** Changes a node's availability or a service's specification. */
  const update = async (kind: 'nodes' | 'services', id: string, change: (spec: never) => object) => {
    const found = (await manager.call('GET', `/${kind}/${id}`)) as { Version: { Index: number }; Spec: never }
    await manager.call('POST', `/${kind}/${id}/update?version=${found.Version.Index}`, change(found.Spec))
  }
  return {
    tasks,
    task,
    update,
    availability: (id: string, Availability: 'active' | 'pause' | 'drain') =>
      update('nodes', id, (spec: object) => ({ ...spec, Availability })),
    /** Makes a service and waits until all its tasks run. `replicas: 0` waits for none; `global` has one on each node. */
    service: async (
      name: string,
      options: ServiceOptions & { global?: boolean; image?: ImageName; wait?: boolean } = {},
    ) => {
      const { replicas = 2, command = stay, constraints, labels, global, wait = true } = options
      const ContainerSpec = {
        Image: images[options.image ?? 'busybox'],
        Command: command,
        StopGracePeriod: 1_000_000_000,
      }
      const Mode = global ? { Global: {} } : { Replicated: { Replicas: replicas } }
      const Placement = { ...(constraints && { Constraints: constraints }) }
      // No registry is asked: the image is there, on each node.
      const TaskTemplate = { ContainerSpec, Placement, RestartPolicy: { Condition: 'any', Delay: 100_000_000 } }
      await manager.call('POST', '/services/create', { Name: name, Labels: labels ?? {}, TaskTemplate, Mode })
      const wanted = global ? 2 : replicas
      if (wait)
        await until(
          async () => (await tasks(name)).filter(({ Status }) => Status.State === 'running').length >= wanted,
          60_000,
          () => state(name),
        )
    },
    /** Waits until the managers see a node so: `ready`, `down`. */
    nodeState: (id: string, state: string) =>
      until(
        async () => {
          const { Status } = (await manager.call('GET', `/nodes/${id}`)) as { Status: { State: string } }
          return Status.State === state
        },
        60_000,
        () => state,
      ),
    remove: (service: string) => manager.call('DELETE', `/services/${service}`),
  }
}

const address = (n: number) => `192.168.231.${n}`

/** A pair of virtual interfaces, one end in each engine's network namespace. */
function cable(one: Engine, other: Engine): void {
  const inside = ({ netns }: Engine, ...words: string[]) =>
    execFileSync('nsenter', [`--net=${netns}`, 'ip', ...words], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } })
  inside(one, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'other')
  inside(one, 'link', 'set', 'other', 'netns', String(other.pid))
  inside(other, 'link', 'set', 'other', 'name', 'cable')
  for (const [n, engine] of [one, other].entries()) {
    inside(engine, 'addr', 'add', `${address(n + 1)}/24`, 'dev', 'cable')
    inside(engine, 'link', 'set', 'cable', 'up')
  }
}
