import { DockerBashError, messageOf, OfEngine } from '../errors'
import type { Guest } from './guest'

/** An error in words for a client that is somebody else: where the engine is reached is not for them. */
export function toldOutside(error: unknown): DockerBashError {
  if (error instanceof OfEngine) {
    return new DockerBashError('the engine behind this gateway does not answer as it should', {
      hint: 'whoever runs the gateway finds why in its audit',
    })
  }
  if (error instanceof DockerBashError) return error
  return new DockerBashError(`unexpected error: ${messageOf(error)}`, { code: 255 })
}

/** An error in words for a client; somebody else's hears less, and what it does not hear is told by `confide`. */
export function toldTo({ confide }: Pick<Guest, 'confide'>, error: unknown): DockerBashError {
  if (!confide) return error instanceof OfEngine ? error : toldOutside(error)
  if (error instanceof OfEngine) confide(error.message)
  return toldOutside(error)
}

/** A session is lost. Why, which may say where the engine was, is told as above. */
export function toldOfLoss({ confide, container }: Pick<Guest, 'confide' | 'container'>, why: string): DockerBashError {
  const text = `lost ${container.name}`
  confide?.(`${text}: ${why}`)
  return new DockerBashError(confide ? text : `${text}: ${why}`)
}
