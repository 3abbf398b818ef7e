import type { Engine } from '../../engine/engine'
import { statusOf } from '../../engine/engine'
import { findContainer } from '../../engine/look-up'
import { DockerBashError } from '../../errors'
import { engineError } from '../inspect'
import { targetOf } from '../target'
import type { Found } from '../types'
import type { SwarmNode, Task } from './api'
import type { Reached } from './engines'

export interface Placed {
  readonly task: Task
  /** `web.2` */
  readonly name: string
  readonly service: string
  readonly node: SwarmNode
}

/**
 * A task's container on its node's engine. It has to say itself that it is the task's: which container that is, only
 * the node told.
 */
export async function containerOf({ engine, by }: Reached, manager: Engine, placed: Placed): Promise<Found> {
  const { task, name, service, node } = placed
  try {
    const info = await findContainer(engine, `${task.container}`)
    if (info.Config.Labels?.['com.docker.swarm.task.id'] === task.id) {
      return { engine, target: targetOf(info, engine), task: { name, id: task.id, service, node, by, manager } }
    }
  } catch (error) {
    if (statusOf(error) !== 404) throw engineError(engine, error)
  }
  throw new DockerBashError(`${name} is not on node ${node.name || node.id} any more`, {
    hint: 'it has just ended: the same again finds its successor',
  })
}
