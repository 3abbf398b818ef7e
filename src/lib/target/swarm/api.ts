import { type Engine, statusOf } from '../../engine/engine'
import { engineInfo, inspectService, listNodes, listTasks } from '../../engine/swarm'
import { at, textAt } from '../../text/json-path'
import { ask, engineError } from '../inspect'

/** A service's task, as the swarm's managers know it. */
export interface Task {
  readonly id: string
  readonly serviceId: string
  /** Absent for a global service's. */
  readonly slot?: number
  /** Absent until it has been given to one. */
  readonly nodeId?: string
  readonly state: string
  readonly desired: string
  /** What went wrong, in the engine's words; empty otherwise. */
  readonly error: string
  /** When the state was reached, and when the task was made (ms since 1970). */
  readonly since: number
  readonly createdAt: number
  /** Full ID. */
  readonly container?: string
}

export interface SwarmNode {
  readonly id: string
  /** Its machine's name: whatever the machine says. */
  readonly name: string
  /** As the managers see it; empty when it is one that is none. */
  readonly address: string
  /** `ready`, `down`, `unknown` or `disconnected`; with what is said of it. */
  readonly state: string
  readonly message: string
  /** `active`, `pause` or `drain`. */
  readonly availability: string
}

/** An engine's own place in a swarm. */
export interface Membership {
  /** Empty when it is in none. */
  readonly nodeId: string
  /** Its machine's name, and its address as the swarm has it. */
  readonly name: string
  readonly address: string
  readonly manages: boolean
  /** The managers that it knows: node ID and `host:port`. */
  readonly managers: ReadonlyArray<{ readonly nodeId: string; readonly address: string }>
}

/** @param abort gives the question up */
export async function membershipOf(engine: Engine, abort?: AbortSignal): Promise<Membership> {
  const info = await ask(engine, engineInfo(engine, abort))
  const swarm = at(info, 'Swarm')
  const managers = at(swarm, 'RemoteManagers')
  return {
    nodeId: textAt(swarm, 'LocalNodeState') === 'inactive' ? '' : textAt(swarm, 'NodeID'),
    name: textAt(info, 'Name'),
    address: textAt(swarm, 'NodeAddr'),
    manages: at(swarm, 'ControlAvailable') === true,
    managers: (Array.isArray(managers) ? managers : []).map((one) => ({
      nodeId: textAt(one, 'NodeID'),
      address: textAt(one, 'Addr'),
    })),
  }
}

/** A service by its exact name, or by its ID. */
export async function findService(engine: Engine, wanted: string): Promise<{ id: string; name: string } | undefined> {
  // Anything else would be a path of its own in the request.
  if (!/^\w[\w.-]*$/.test(wanted)) return undefined
  try {
    const found = await inspectService(engine, wanted)
    const service = { id: textAt(found, 'ID'), name: textAt(found, 'Spec', 'Name') }
    // The engine takes the start of an ID, too.
    return service.name === wanted || service.id === wanted ? service : undefined
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw engineError(engine, error)
  }
}

/** The tasks of a service, those of the past too (the engine keeps a few of each slot). */
export async function tasksOf(engine: Engine, serviceId: string): Promise<Task[]> {
  return tasksBy(engine, { service: [serviceId] })
}

/** The tasks whose ID begins so. */
export async function tasksById(engine: Engine, start: string): Promise<Task[]> {
  return (await tasksBy(engine, { id: [start] })).filter(({ id }) => id.startsWith(start))
}

async function tasksBy(engine: Engine, filters: Record<string, string[]>): Promise<Task[]> {
  const found = await listOf(engine, listTasks(engine, filters))
  // What has no service is a network's attachment of a plain container.
  return found.map(taskOf).filter(({ serviceId }) => serviceId !== '')
}

function taskOf(found: unknown): Task {
  const status = at(found, 'Status')
  const slot = at(found, 'Slot')
  const nodeId = textAt(found, 'NodeID')
  const container = textAt(status, 'ContainerStatus', 'ContainerID')
  return {
    id: textAt(found, 'ID'),
    serviceId: textAt(found, 'ServiceID'),
    ...(typeof slot === 'number' && slot > 0 && { slot }),
    ...(nodeId && { nodeId }),
    state: textAt(status, 'State'),
    desired: textAt(found, 'DesiredState'),
    error: textAt(status, 'Err'),
    since: Date.parse(textAt(status, 'Timestamp')),
    createdAt: Date.parse(textAt(found, 'CreatedAt')),
    // A worker's word: it becomes part of a request's path.
    ...(/^[0-9a-f]{64}$/.test(container) && { container }),
  }
}

/** The swarm's nodes, by ID. */
export async function nodesOf(engine: Engine): Promise<Map<string, SwarmNode>> {
  const found = await listOf(engine, listNodes(engine))
  return new Map(found.map(nodeOf).map((node) => [node.id, node]))
}

async function listOf(engine: Engine, answer: Promise<unknown>): Promise<unknown[]> {
  const found = await ask(engine, answer)
  return Array.isArray(found) ? found : []
}

function nodeOf(found: unknown): SwarmNode {
  const status = at(found, 'Status')
  const manager = textAt(found, 'ManagerStatus', 'Addr').replace(/:\d+$/, '')
  const seen = textAt(status, 'Addr')
  return {
    id: textAt(found, 'ID'),
    name: textAt(found, 'Description', 'Hostname'),
    // A manager sees itself at the address it listens on.
    address: /^(|0\.0\.0\.0|::|127\..*|::1)$/.test(seen) ? manager.replace(/^\[|\]$/g, '') : seen,
    state: textAt(status, 'State'),
    message: textAt(status, 'Message'),
    availability: textAt(found, 'Spec', 'Availability'),
  }
}
