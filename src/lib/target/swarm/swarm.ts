import { readSettings } from '../../config/settings'
import type { Engine } from '../../engine/engine'
import { DockerBashError } from '../../errors'
import { findService, type Membership, membershipOf, nodesOf, type Task, tasksOf } from './api'
import type { Known } from './choose'
import { NodeEngines, type Reached } from './engines'
import { roadsFrom } from './routes'

/** The swarm that an engine belongs to, as far as it is to be seen from here. */
export interface Swarm {
  readonly engines: NodeEngines
  /** Whom to ask; undefined when the engine is a worker and nothing leads to a manager. */
  readonly manager: Reached | undefined
}

/** A service with its tasks and the swarm's nodes. */
export interface Service extends Known {
  readonly id: string
  readonly tasks: readonly Task[]
}

/** @returns undefined when the engine is in no swarm */
export async function swarmOf(engine: Engine, env: NodeJS.ProcessEnv): Promise<Swarm | undefined> {
  const place = await membershipOf(engine)
  if (!place.nodeId) return undefined
  const engines = new NodeEngines({ engine, place }, roadsFrom(env, readSettings(env), engine.endpoint))
  return { engines, manager: await engines.manager() }
}

/** @returns undefined when the swarm has no such service */
export async function serviceOf({ engine }: Reached, wanted: string): Promise<Service | undefined> {
  const service = await findService(engine, wanted)
  if (!service) return undefined
  const [tasks, nodes] = await Promise.all([tasksOf(engine, service.id), nodesOf(engine)])
  return { id: service.id, service: service.name, tasks, nodes }
}

/** What a worker cannot tell, and who could. */
export function onlyWorker({ managers }: Membership, what: string): DockerBashError {
  const known = managers.map(({ nodeId, address }) => `${address}  node ${nodeId}`)
  return new DockerBashError(`${what} is not on this node, and only a manager of its swarm knows where it is`, {
    lines: known.length > 0 ? ['managers:', ...known.map((line) => `  ${line}`)] : [],
    hint: 'name the engine of a manager: --context NAME, or make a context of it: docker context create',
  })
}
