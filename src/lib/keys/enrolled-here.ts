import { listContainers } from '../engine/containers'
import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import { enrolments } from '../ssh/enrolment'
import { nameOf } from '../target/names'
import { unfinished } from './journal'

const refuse = (error: DockerBashError) => {
  throw error
}

/**
 * The names of this engine's running containers that a key of ours is enrolled for, or whose rotation was cut off.
 * @throws DockerBashError when there are none, or a note of ours is damaged: all would not be all
 */
export async function enrolledHere(engine: Engine): Promise<string[]> {
  const known = new Set([...enrolments(refuse).map(({ id }) => id), ...unfinished()])
  const running = await listContainers(engine)
  const found = running.filter(({ Id }) => known.has(Id)).map(nameOf)
  if (found.length > 0) return found
  throw new DockerBashError('no container that runs here has a key of yours', {
    hint: 'authorise one: docker-bash key install TARGET',
  })
}
