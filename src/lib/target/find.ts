import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { TargetRef } from './parse'
import { NoContainer, resolve } from './resolve'
import type { FindSurroundings, Found } from './types'

/**
 * The one container that is meant, on whichever node of the engine's swarm it is. A swarm is asked only for what is not a
 * container (or compose service) of the engine's own, or is said to be a task.
 * @throws DockerBashError for none (with the nearest names) and for several (with all of them)
 */
export async function find(engine: Engine, ref: TargetRef, around: FindSurroundings): Promise<Found> {
  let missing: NoContainer | undefined
  if (ref.kind !== 'task') {
    try {
      return { engine, target: await resolve(engine, ref, around) }
    } catch (error) {
      if (!(error instanceof NoContainer) || (ref.kind !== 'any' && ref.kind !== 'service')) throw error
      missing = error
    }
  }
  const { findTask } = await import('./swarm/find')
  const found = await findTask(engine, ref, around)
  if (found) return found
  throw missing ?? noTask('text' in ref ? ref.text : '')
}

function noTask(text: string): DockerBashError {
  return new DockerBashError(`no swarm task ${text}`, {
    hint: 'write task:web.2, task:web.NODEID of a global service, or task:ID: docker service ps web shows them',
  })
}
