import { client } from './client'
import type { Engine } from './engine'

/** Of a swarm. The answers are as they came: whoever reads them believes no part of them before it has been looked at. */

/** What the engine is, its place in a swarm too. @param abort gives the question up */
export function engineInfo(engine: Engine, abort?: AbortSignal): Promise<unknown> {
  return engine[client].ask({ method: 'GET', path: '/info', abort })
}

/**
 * @param word its ID, name, or the start of its ID; it becomes a part of the request's path
 * @throws the engine's refusal: 404 no such service, 503 it manages no swarm
 */
export function inspectService(engine: Engine, word: string): Promise<unknown> {
  return engine[client].ask({ method: 'GET', path: `/services/${word}` })
}

/** All that fit, those of the past too. */
export function listTasks(engine: Engine, filters: Readonly<Record<string, readonly string[]>>): Promise<unknown> {
  const query = `filters=${encodeURIComponent(JSON.stringify(filters))}`
  return engine[client].ask({ method: 'GET', path: `/tasks?${query}` })
}

export function listNodes(engine: Engine): Promise<unknown> {
  return engine[client].ask({ method: 'GET', path: '/nodes' })
}
