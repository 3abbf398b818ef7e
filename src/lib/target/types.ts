import type { Engine } from '../engine/engine'
import type { Target } from '../model'
import type { ComposeSurroundings } from './compose'
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
