import type { SwarmTask } from '../types'
import { nodesOf, type Task, tasksById, tasksOf } from './api'
import { type Nodes, runningOf, siblings, whereabouts } from './choose'

const patienceMs = 3_000

/**
 * What the swarm did to a task in whose container a session has just ended.
 * @returns undefined when it did nothing, or nobody answers who knows
 */
export async function afterword(task: SwarmTask): Promise<string | undefined> {
  let late: NodeJS.Timeout | undefined
  const tooLate = new Promise<undefined>((settle) => {
    late = setTimeout(() => settle(undefined), patienceMs)
  })
  // The session's own ending has been told: that nobody knows more is not an error of it.
  const known = ask(task).catch(() => undefined)
  return Promise.race([known, tooLate]).finally(() => clearTimeout(late))
}

async function ask({ name, id, manager }: SwarmTask): Promise<string | undefined> {
  if (!manager) return undefined
  const [[task], nodes] = await Promise.all([tasksById(manager, id), nodesOf(manager)])
  if (!task) return `the swarm has no task ${name} any more: its service was made smaller or removed`
  const why = reason(task, nodes)
  if (!why) return undefined
  const [successor] = runningOf(siblings(task, await tasksOf(manager, task.serviceId)), nodes)
  const node = successor && nodes.get(successor.nodeId ?? '')
  return `${name} was ended by the swarm: ${why}${node ? `; it runs on node ${whereabouts(node)} now` : ''}`
}

function reason({ nodeId = '', desired, state, error }: Task, nodes: Nodes): string | undefined {
  const node = nodes.get(nodeId)
  if (node && node.state !== 'ready') return `node ${whereabouts(node)} is ${node.state}`
  if (desired === 'running') return state === 'running' ? undefined : `it is ${state}${error ? `: ${error}` : ''}`
  if (node?.availability === 'drain') return `node ${whereabouts(node)} is drained`
  return error || 'its service was changed'
}
