import type { Agent } from 'node:http'
import type Docker from 'dockerode'
import type { Endpoint } from './endpoint'
import { agentFor, route } from './route'
import type { ApiVersion } from './version'

/** What docker-modem takes and its types leave out. */
type ModemOptions = Docker.DockerOptions & { agent: Agent }

/**
 * dockerode for an engine, in the API version that was agreed on.
 * @param agreed settles with it; asks for it if nothing has been asked yet
 */
export function dockerode(endpoint: Endpoint, agreed: () => Promise<ApiVersion>): { docker: Docker; close(): void } {
  const agent = agentFor(endpoint)
  const docker = unseen({ ...route(endpoint), agent })
  const { modem } = docker
  const dial = modem.dial.bind(modem)
  modem.dial = (options, callback) => {
    agreed().then(
      (version) => {
        Object.assign(modem, { version: `v${version.join('.')}` })
        dial(options, callback)
      },
      (error: Error) => callback?.(error, null),
    )
  }
  return { docker, close: () => agent.destroy() }
}

/**
 * docker-modem reads DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH by itself, whatever it is given, and has no
 * switch for it. Which engine is meant has been decided already, so it does not get to see them.
 */
function unseen(options: ModemOptions): Docker {
  // Loaded only now: it is five milliseconds, and most sessions need none of it.
  const Dockerode = require('dockerode') as typeof Docker
  const { DOCKER_HOST } = process.env
  delete process.env.DOCKER_HOST
  try {
    return new Dockerode(options)
  } finally {
    if (DOCKER_HOST !== undefined) process.env.DOCKER_HOST = DOCKER_HOST
  }
}
