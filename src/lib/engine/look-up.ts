import { client } from './client'
import type { Engine } from './engine'
import type { ContainerInfo, ContainerInspectInfo, ListOptions } from './types'

/**
 * What a run begins with. These questions go out at once, by our own client: before a version is agreed on, and without
 * loading more. For what comes later there are those of containers.ts, which are sent in the version that was agreed on.
 */

/**
 * A container by the engine's own look-up: its full ID, then its name, then the start of an ID.
 * @param word becomes a part of the request's path
 * @param abort gives the question up
 * @throws the engine's refusal: 404 no such container, 400, 409 or 500 for several
 */
export async function findContainer(engine: Engine, word: string, abort?: AbortSignal): Promise<ContainerInspectInfo> {
  const found = await engine[client].ask({ method: 'GET', path: `/containers/${word}/json`, abort })
  return found as ContainerInspectInfo
}

/** The engine's containers, the newest first. */
export async function findContainers(engine: Engine, wanted?: ListOptions): Promise<ContainerInfo[]> {
  const { all, limit, filters } = wanted ?? {}
  const query = new URLSearchParams({
    ...(all && { all: '1' }),
    ...(limit !== undefined && { limit: String(limit) }),
    ...(filters && { filters: JSON.stringify(filters) }),
  })
  const found = await engine[client].ask({ method: 'GET', path: `/containers/json${wanted ? `?${query}` : ''}` })
  return found as ContainerInfo[]
}
