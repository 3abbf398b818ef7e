import type { Engine } from '../../engine/engine'
import { DockerBashError, OfEngine } from '../../errors'
import type { TargetRef } from '../parse'
import type { FindSurroundings, Found } from '../types'
import { findService, membershipOf, type Task, tasksById } from './api'
import { notRunning, requireTask, runningOf, takeTask, taskName } from './choose'
import { containerOf } from './container'
import type { Reached } from './engines'
import { onHere } from './here'
import { parseTaskName, type SwarmRef, type TaskName } from './name'
import { onlyWorker, type Service, type Swarm, serviceOf, swarmOf } from './swarm'

/**
 * The container of the swarm's task that is meant, and the engine of the node that it runs on. Only what a manager says
 * counts; on a worker, what its own containers say of themselves comes first.
 * @returns undefined when the engine is in no swarm, or the swarm knows nothing of that name
 * @throws DockerBashError for a task that does not run, a node that is not reached, a worker that cannot know
 */
export async function findTask(engine: Engine, ref: TargetRef, around: FindSurroundings): Promise<Found | undefined> {
  if (ref.kind !== 'any' && ref.kind !== 'task' && ref.kind !== 'service') return undefined
  const name = ref.kind === 'service' ? undefined : parseTaskName(ref.text)
  if (ref.kind === 'any' && !name) return isService(engine, ref.text)
  const swarm = await swarmOf(engine, around.env)
  if (!swarm) {
    if (ref.kind !== 'task') return undefined
    throw new OfEngine(`the engine at ${engine.endpoint.host} is in no swarm: task:${ref.text}`, {
      hint: 'name the engine of one that is: --context NAME',
    })
  }
  try {
    return await inSwarm(swarm, ref, name, around)
  } finally {
    swarm.engines.done()
  }
}

/** A service by its bare name is not a container: that would be one of several. */
async function isService(engine: Engine, text: string): Promise<undefined> {
  const { manages } = await membershipOf(engine)
  if (!manages || !(await findService(engine, text))) return undefined
  throw new DockerBashError(`no container named ${text}`, {
    hint: `${text} is a swarm service: docker-bash service:${text} takes its newest task, ${text}.1 the first`,
  })
}

async function inSwarm(
  swarm: Swarm,
  ref: SwarmRef,
  name: TaskName | undefined,
  around: FindSurroundings,
): Promise<Found | undefined> {
  const { manager, engines } = swarm
  const { present } = engines
  if (!present.place.manages) {
    const here = await onHere(present, ref, name)
    if (here && (ref.kind !== 'service' || !manager)) return here
  }
  if (!manager) throw onlyWorker(present.place, ref.text)
  if (ref.kind === 'service' && ref.number === undefined) return oneOf(swarm, manager, ref.service, around)
  if (ref.kind === 'service') return bySlot(swarm, manager, ref.service, `${ref.number}`)
  if (name?.id) return byId(swarm, manager, name.id, name.service)
  if (name) return bySlot(swarm, manager, name.service, name.instance)
  return /^[0-9a-z]{1,25}$/.test(ref.text) ? byId(swarm, manager, ref.text) : undefined
}

/** The running task of a slot or node. */
async function bySlot(swarm: Swarm, manager: Reached, wanted: string, instance: string): Promise<Found | undefined> {
  const service = await serviceOf(manager, wanted)
  if (!service) return undefined
  const own = service.tasks.filter(({ slot, nodeId }) =>
    slot === undefined ? nodeId === instance : slot === Number(instance),
  )
  if (own.length === 0) throw noSuch(service, instance)
  return enter(swarm, manager, service, takeTask(own, service))
}

/** The only running task of a service; of several the one that is chosen, or else the newest. */
async function oneOf(
  swarm: Swarm,
  manager: Reached,
  wanted: string,
  { chooseTask }: FindSurroundings,
): Promise<Found | undefined> {
  const known = await serviceOf(manager, wanted)
  if (!known) return undefined
  const { service, nodes } = known
  const running = runningOf(known.tasks, nodes)
  const [first, second] = running
  if (!first) throw notRunning(known.tasks, known)
  if (!second) return enter(swarm, manager, known, first)
  const choices = running.map((task) => {
    const node = nodes.get(task.nodeId ?? '')
    return { name: taskName(task, service), id: task.id, node: node?.name || node?.id || '', since: task.since }
  })
  const choice = await chooseTask?.(service, choices)
  const chosen = running.find(({ id }) => id === choice?.id)
  if (chosen) return enter(swarm, manager, known, chosen)
  const note = `${taskName(first, service)} is the newest of ${running.length} tasks of ${service}`
  return { ...(await enter(swarm, manager, known, first)), note }
}

async function byId(swarm: Swarm, manager: Reached, start: string, name?: string): Promise<Found | undefined> {
  const { engine } = manager
  const [task, second] = await tasksById(engine, start)
  if (!task) return undefined
  if (second) throw new DockerBashError(`${start} is the start of several task IDs`, { hint: 'write more of it' })
  const service = await serviceOf(manager, task.serviceId)
  if (!service || (name !== undefined && name !== service.service)) return undefined
  requireTask(task, service.tasks, service)
  return enter(swarm, manager, service, task)
}

/** The engine of the task's node, and there the container. */
async function enter(swarm: Swarm, manager: Reached, { service, nodes }: Service, task: Task): Promise<Found> {
  const name = taskName(task, service)
  const node = nodes.get(task.nodeId ?? '')
  if (!node) throw new TypeError('not a running task')
  return containerOf(await swarm.engines.reach(node, name), manager.engine, { task, name, service, node })
}

function noSuch({ service, tasks, nodes }: Service, instance: string): DockerBashError {
  const names = [...new Set(runningOf(tasks, nodes).map((task) => taskName(task, service)))].toSorted()
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '')
  return new DockerBashError(`${service} has no task ${service}.${instance}`, {
    hint: names.length > 0 ? `it has ${shown}` : `none of its tasks runs: docker service ps ${service}`,
  })
}
