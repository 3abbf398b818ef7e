import type { Settings } from '../../lib/config/settings'
import type { Engine } from '../../lib/engine/engine'
import { DockerBashError } from '../../lib/errors'
import { recent } from '../../lib/recent'
import { isStopped, type Listed } from '../../lib/target/container-list'
import { leftCode, type Pick, pick } from '../../lib/terminal/pick'
import { likelyWay } from '../../lib/transport/predict'
import { untilSignal } from '../abort-on-signal'
import { ran } from '../run-profile'
import { type Choice, linesOf, matching, moreOf, ordered } from './choices'

/**
 * Lets somebody at the terminal choose a container.
 * @throws DockerBashError without words when they left: 130, or 128 and the signal's number
 */
export async function choose(
  engine: Engine,
  candidates: readonly Listed[],
  set: Settings,
  message = 'container:',
): Promise<Listed> {
  const way = likelyWay(engine, set)
  const choices = ordered(candidates, recent())
    .filter(({ state }) => state !== 'removing')
    .map((listed): Choice => ({ listed, stopped: isStopped(listed.state), way: wayWords(listed, way(listed)) }))
  if (choices.length === 0) {
    throw new DockerBashError('there is no container to choose', { hint: 'docker run starts one' })
  }
  return pickOne(message, (typed, columns) => {
    const found = matching(choices, typed)
    const lines = linesOf(found, columns)
    return found.map((choice, index) => ({
      ...{ value: choice.listed, line: lines[index] ?? '', more: moreOf(choice), dim: choice.stopped },
    }))
  })
}

/** @throws DockerBashError without words when they left: 130, or 128 and the signal's number */
export async function pickOne<T>(message: string, matching: Pick<T>['matching']): Promise<T> {
  ran.push('choose')
  let chosen: T | undefined
  const code = await untilSignal(async (signal) => {
    chosen = await pick({ message, matching }, signal)
  })
  if (chosen !== undefined) return chosen
  throw new DockerBashError('', { code: code || leftCode })
}

function wayWords({ state }: Listed, way: string): string {
  if (state === 'paused') return 'paused'
  return isStopped(state) ? 'debug: a copy' : `by ${way}`
}
