import { homedir } from 'node:os'
import { type EndpointChoice, locateEndpoint } from './lib/engine/endpoint'
import { connect, type Engine } from './lib/engine/engine'

/** The engine that the flags and this process's surroundings mean, reached. */
export function reachEngine({ host, context }: EndpointChoice): Promise<Engine> {
  const around = { env: process.env, home: homedir(), uid: process.getuid?.() ?? -1 }
  return connect(locateEndpoint({ host, context }, around))
}
