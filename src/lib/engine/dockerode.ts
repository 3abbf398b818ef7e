import type { Agent } from 'node:http'
import type Docker from 'dockerode'
import type { Endpoint } from './endpoint'
import type { Stop, Waits } from './patience'
import { agentFor, route } from './route'
import { statusOf } from './status'
import type { ApiVersion } from './version'

/** What docker-modem takes and its types leave out. */
type ModemOptions = Docker.DockerOptions & { agent: Agent }

interface Means {
  /** Settles with the version that was agreed on; asks for it if nothing has been asked yet. */
  readonly agreed: () => Promise<ApiVersion>
  readonly waits: Waits
  /** Asks for a sign of life. */
  readonly ping: () => Promise<unknown>
  /** Says in the user's terms what a connection failed in. */
  readonly explain: (error: Error) => Error
}

/** What lasts as long as it lasts: streams, and what waits for others. */
const endless =
  /^\/(?:build|events|commit|images\/(?:create|load|[^?]*\/push)|containers\/[^/]+\/(?:attach|logs|stats))\b/

/** dockerode for an engine, in the API version that was agreed on. */
export function dockerode(endpoint: Endpoint, means: Means): { docker: Docker; close(): void } {
  const agent = agentFor(endpoint)
  const docker = unseen({ ...route(endpoint), agent })
  const { modem } = docker
  const dial = modem.dial.bind(modem)
  modem.dial = (options, callback) => {
    means.agreed().then(
      (version) => {
        Object.assign(modem, { version: `v${version.join('.')}` })
        const control = new AbortController()
        let settled = false
        const settle: NonNullable<typeof callback> = (error, result) => {
          if (settled) return
          settled = true
          stop(!error || statusOf(error) !== undefined)
          // The engine's refusals are for whoever asked.
          callback?.(error && statusOf(error) === undefined ? means.explain(error) : error, result)
        }
        const giveUp = (error: Error) => {
          settle(error, null)
          control.abort()
        }
        const stop = watched(options, means, giveUp)
        dial({ ...options, abortSignal: options.abortSignal ?? control.signal }, settle)
      },
      (error: Error) => callback?.(means.explain(error), null),
    )
  }
  return { docker, close: () => agent.destroy() }
}

function watched(
  { method, path }: { method?: string | undefined; path: string },
  { waits, ping }: Means,
  giveUp: (error: Error) => void,
): Stop {
  if (endless.test(path)) return () => undefined
  if (method === 'GET' || method === 'HEAD') return waits.watch({ method: 'GET', path }, giveUp)
  // What changes something may take its time, as long as the engine lives.
  return waits.watchLong(ping, giveUp)
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
