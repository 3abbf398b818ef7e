/**
 * All running tasks of a swarm's service, each with the engine that reaches it: for a command in many containers.
 *
 *   const tasks = await runningTasks(engine, 'web', process.env)   // undefined: no swarm, or no such service in it
 *   for (const { name, id, engine } of tasks?.reached ?? []) …
 */
import type { Engine } from '../../engine/engine'
import { DockerBashError } from '../../errors'
import type { Task } from './api'
import { isMeant, notRunning, taskName } from './choose'
import { onlyWorker, type Service, type Swarm, serviceOf, swarmOf } from './swarm'

export interface RunningTask {
  /** `web.2` */
  readonly name: string
  /** Its container's full ID, as its node told the swarm. */
  readonly id: string
  /** Its node's own, by the node's ID. */
  readonly engine: Engine
}

/** A task that should be there, and why its container is not to be reached: nothing leads to its node, or it is down. */
export interface LostTask {
  readonly name: string
  readonly error: DockerBashError
}

export interface RunningTasks {
  /** In the order of their slots. */
  readonly reached: readonly RunningTask[]
  readonly lost: readonly LostTask[]
}

/**
 * @param engine any of the swarm's nodes; a worker only where something leads to a manager
 * @param wanted the service's exact name or ID
 * @param env where contexts and config are looked for
 * @returns undefined when the engine is in no swarm, or the swarm has no such service
 * @throws DockerBashError when only a worker is reached
 */
export async function runningTasks(
  engine: Engine,
  wanted: string,
  env: NodeJS.ProcessEnv,
): Promise<RunningTasks | undefined> {
  const swarm = await swarmOf(engine, env)
  if (!swarm) return undefined
  try {
    if (!swarm.manager) throw onlyWorker(swarm.engines.present.place, wanted)
    const service = await serviceOf(swarm.manager, wanted)
    if (!service) return undefined
    const tasks = service.tasks.filter(isMeant).toSorted((a, b) => (a.slot ?? 0) - (b.slot ?? 0))
    const all = await Promise.all(tasks.map((task) => reach(swarm, service, task)))
    return {
      reached: all.flatMap((one) => ('engine' in one ? [one] : [])),
      lost: all.flatMap((one) => ('error' in one ? [one] : [])),
    }
  } finally {
    swarm.engines.done()
  }
}

async function reach({ engines }: Swarm, service: Service, task: Task): Promise<RunningTask | LostTask> {
  const name = taskName(task, service.service)
  const node = service.nodes.get(task.nodeId ?? '')
  if (node?.state !== 'ready') return { name, error: notRunning([task], service) }
  try {
    const { engine } = await engines.reach(node, name)
    return { name, id: task.container ?? '', engine }
  } catch (error) {
    if (error instanceof DockerBashError) return { name, error }
    throw error
  }
}
