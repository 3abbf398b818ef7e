import { inspectContainer, listContainers } from '../../engine/containers'
import type { ContainerInfo } from '../../engine/types'
import { ask } from '../inspect'
import { targetOf } from '../target'
import type { Found } from '../types'
import type { Reached } from './engines'
import { parseTaskName, type SwarmRef, type TaskName } from './name'

const label = (name: string) => `com.docker.swarm.${name}`

/**
 * A task that runs on this very node, from the labels that the engine gives its container: all that a worker knows.
 * @returns undefined when none is here
 */
export async function onHere(present: Reached, ref: SwarmRef, name: TaskName | undefined): Promise<Found | undefined> {
  const { engine, place } = present
  const filters = { label: [label('task.id')], status: ['running'] }
  // The engine lists the newest first.
  const [found] = (await ask(engine, listContainers(engine, { filters }))).filter((one) => isMeant(one, ref, name))
  if (!found) return undefined
  const { Labels } = found
  const own = parseTaskName(Labels[label('task.name')] ?? '')
  const service = Labels[label('service.name')] ?? ''
  const task = {
    name: `${service}.${own?.instance ?? ''}`,
    id: Labels[label('task.id')] ?? '',
    service,
    node: { id: place.nodeId, name: place.name, address: place.address },
    by: '',
  }
  const target = targetOf(await ask(engine, inspectContainer(engine, found.Id)), engine)
  const note = ref.kind === 'service' ? { note: `${task.name} is on this node; a worker knows of no others` } : {}
  return { engine, target, task, ...note }
}

function isMeant({ Labels }: ContainerInfo, ref: SwarmRef, name: TaskName | undefined): boolean {
  const own = parseTaskName(Labels[label('task.name')] ?? '')
  const id = Labels[label('task.id')] ?? ''
  if (ref.kind === 'service') {
    const isOne = ref.number === undefined || own?.instance === String(ref.number)
    return Labels[label('service.name')] === ref.service && isOne
  }
  if (!name) return ref.kind === 'task' && id.startsWith(ref.text)
  const isSame = own?.service === name.service && own.instance === name.instance
  return isSame && (name.id === undefined || name.id === id)
}
