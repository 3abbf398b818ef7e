import { homedir } from 'node:os'
import { isatty } from 'node:tty'
import { type EndpointChoice, locateEndpoint } from '../lib/engine/endpoint'
import { connect, connectLate, type Engine } from '../lib/engine/engine'
import type { Patience } from '../lib/engine/patience'
import { say } from './output/errors'

/**
 * The engine that the flags and this process's surroundings mean, reached.
 * @param patience how long it may take, where that is not as usual
 */
export function reachEngine(choice: EndpointChoice, patience?: Partial<Patience>): Promise<Engine> {
  return connect(endpointOf(choice), undefined, { ...telling(), ...patience })
}

/** The same without a question of its own, for who asks one at once and takes its failure for the engine's. */
export function engineOf(choice: EndpointChoice): Engine {
  return connectLate(endpointOf(choice), telling())
}

/** Who looks on is told soon; in a script's log a slow engine is not news yet. */
function telling(): Partial<Patience> {
  return { tell: say, ...(!isatty(2) && { tellMs: 10_000 }) }
}

function endpointOf({ host, context }: EndpointChoice) {
  const { env } = process
  return locateEndpoint(
    { host, context },
    { env, home: env.HOME || homedir(), uid: process.getuid?.() ?? -1, warn: say },
  )
}
