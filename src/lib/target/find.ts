import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import type { ComposeSurroundings } from './compose'
import type { TargetRef } from './parse'
import { NoContainer, resolve } from './resolve'
import type { SwarmNode } from './swarm/api'

/** A container, and the engine that has it: another one than was asked when it is a swarm's task on another node. */
export interface Found {
  readonly engine: Engine
  readonly target: Target
  readonly task?: SwarmTask
  /** Something to be said of the choice. */
  readonly note?: string
}

export interface SwarmTask {
  /** `web.2` */
  readonly name: string
  readonly id: string
  readonly service: string
  readonly node: Pick<SwarmNode, 'id' | 'name' | 'address'>
  /** What led to its engine; empty when that is the one that was named. */
  readonly by: string
  /** Who knows what becomes of it; absent where only its own node was asked. */
  readonly manager?: Engine
}

/** A task to choose, of several that run. */
export interface TaskChoice {
  /** `web.2` */
  readonly name: string
  readonly id: string
  readonly node: string
  /** Since when it runs (ms since 1970). */
  readonly since: number
}

export interface FindSurroundings extends ComposeSurroundings {
  /** Lets somebody choose one of a service's tasks, the newest first. Left out, or without an answer: the newest. */
  readonly chooseTask?: (service: string, tasks: readonly TaskChoice[]) => Promise<TaskChoice | undefined>
}

/**
 * The one container that is meant, on whichever node of the engine's swarm it is. A swarm is asked only for what is no
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
