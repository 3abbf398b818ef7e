import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import { enrolments } from '../ssh/enrolment'
import { nameOf } from '../target/names'
import { unfinished } from './journal'

/** The names of this engine's running containers that a key of ours is enrolled for, or whose rotation was cut off. */
export async function enrolledHere(engine: Engine): Promise<string[]> {
  const known = new Set([...enrolments().map(({ id }) => id), ...unfinished()])
  const running = await engine.docker.listContainers()
  const found = running.filter(({ Id }) => known.has(Id)).map(nameOf)
  if (found.length > 0) return found
  throw new DockerBashError('no container that runs here has a key of yours', {
    hint: 'authorise one: docker-bash key install TARGET',
  })
}
