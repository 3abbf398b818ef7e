import { client } from './client'
import type { Engine } from './engine'
import { statusOf } from './status'

/**
 * Removes a container, and the volumes that nobody named.
 * @param name or its ID
 * @returns whether there was one
 */
export async function removeContainer(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine[client].docker.getContainer(name).remove({ force: true, v: true })
    return true
  } catch (error) {
    // 409: somebody removes it already.
    if (statusOf(error) === 404 || statusOf(error) === 409) return statusOf(error) === 409
    throw error
  }
}
