import { DockerBashError } from '../../errors'
import { since } from '../../text/time'
import type { SwarmNode, Task } from './api'

export type Nodes = ReadonlyMap<string, SwarmNode>

/** What is named in messages: the service's name, and the nodes. */
export interface Known {
  readonly service: string
  readonly nodes: Nodes
}

/** `web.2`; of a global service's, `web.NODEID`. */
export function taskName(task: Task, service: string): string {
  return `${service}.${task.slot ?? task.nodeId ?? ''}`
}

/** Those that run and are meant to, on nodes that are there; the newest first. */
export function runningOf(tasks: readonly Task[], nodes: Nodes): Task[] {
  return tasks
    .filter((task) => isMeant(task) && isReady(nodes.get(task.nodeId ?? '')))
    .toSorted((a, b) => b.createdAt - a.createdAt)
}

/**
 * The one that runs now, of the tasks that a slot or a node has had.
 * @throws DockerBashError when none does, with what became of the newest
 */
export function takeTask(tasks: readonly Task[], known: Known): Task {
  const [first] = runningOf(tasks, known.nodes)
  if (first) return first
  throw notRunning(tasks, known)
}

/** @throws DockerBashError unless this very task runs, saying where its successor does */
export function requireTask(task: Task, others: readonly Task[], known: Known): void {
  if (runningOf([task], known.nodes).length > 0) return
  const name = taskName(task, known.service)
  const [successor] = runningOf(siblings(task, others), known.nodes)
  const { message, lines } = notRunning([task], known, `${task.id} (${name})`)
  const hint = successor
    ? `its successor runs on node ${called(successor, known.nodes)}: docker-bash ${name}`
    : `docker service ps --no-trunc ${known.service} shows what became of it`
  throw new DockerBashError(message, { lines, hint })
}

/** The tasks of the same slot or, of a global service, of the same node. */
export function siblings(task: Task, others: readonly Task[]): Task[] {
  return others.filter(({ slot, nodeId }) => (task.slot === undefined ? nodeId === task.nodeId : slot === task.slot))
}

/** Why none of them is to be entered: where it runs is not there, it is yet to run, or how it ended. */
export function notRunning(tasks: readonly Task[], known: Known, named?: string): DockerBashError {
  const { service, nodes } = known
  const ordered = tasks.toSorted((a, b) => b.createdAt - a.createdAt)
  const newest = ordered.find(({ desired }) => desired === 'running') ?? ordered[0]
  const hint = `docker service ps --no-trunc ${service} shows its tasks`
  if (!newest) return new DockerBashError(`${service} has no task`, { hint })
  const name = named ?? taskName(newest, service)
  const node = nodes.get(newest.nodeId ?? '')
  if (isMeant(newest) && node) {
    const why = node.message ? `: ${node.message}` : ''
    return new DockerBashError(`${name} is on node ${whereabouts(node)}, which is ${node.state}${why}`, {
      hint: `docker node ls shows the nodes; ${hint}`,
    })
  }
  const past = ordered.find((task) => task !== newest && (task.error !== '' || !isReady(nodes.get(task.nodeId ?? ''))))
  const lines = past ? [`before it: ${outcome(past, nodes)}`] : []
  return new DockerBashError(`${name} does not run: ${outcome(newest, nodes)}`, { lines, hint })
}

/** `failed 3 seconds ago on node beta (192.168.1.2), which is drained: task: non-zero exit (3)` */
function outcome({ nodeId = '', state, desired, since: from, error }: Task, nodes: Nodes): string {
  const node = nodes.get(nodeId)
  const trouble = isReady(node) ? (node?.availability === 'drain' ? 'drained' : undefined) : node?.state
  const where = node ? ` on node ${whereabouts(node)}${trouble ? `, which is ${trouble}` : ''}` : ''
  return `${happened(state, desired, since(from))}${where}${error ? `: ${error}` : ''}`
}

function happened(state: string, desired: string, time: string): string {
  if (state === 'running') return desired === 'running' ? `running for ${time}` : 'being shut down'
  const over = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'].includes(state)
  return over ? `${state} ${time} ago` : `${state} for ${time}`
}

/** `beta (192.168.1.2)` */
export function whereabouts({ name, id, address }: Pick<SwarmNode, 'name' | 'id' | 'address'>): string {
  return `${name || id}${address ? ` (${address})` : ''}`
}

function called({ nodeId = '' }: Task, nodes: Nodes): string {
  return nodes.get(nodeId)?.name || nodeId
}

export function isMeant(task: Task): boolean {
  return task.state === 'running' && task.desired === 'running' && task.container !== undefined
}

/** A node that nobody told us of is not there. */
function isReady(node: SwarmNode | undefined): boolean {
  return node?.state === 'ready'
}
