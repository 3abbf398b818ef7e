import type { Endpoint } from '../engine/endpoint'
import { quickLists } from '../engine/quick-lists'
import type { Known, ListedContainer, ListedService, ListedTask } from './targets'

/** What may be a TARGET on that engine; of one that does not answer in time, nothing. */
export async function askEngine(
  endpoint: Endpoint,
  anyState: boolean,
): Promise<Pick<Known, 'containers' | 'services' | 'tasks'>> {
  const { containers, services, tasks } = await quickLists(endpoint, anyState)
  return {
    containers: containers as ListedContainer[],
    services: services as ListedService[],
    tasks: tasks as ListedTask[],
  }
}
