import { readFileSync } from 'node:fs'
import { Agent as HttpAgent } from 'node:http'
import Docker from 'dockerode'
import { DockerBashError, errno, messageOf } from '../errors'
import { DialStdioAgent } from './dial-stdio'
import type { Endpoint, TcpEndpoint } from './endpoint'

/** The newest API that this code was written for, and the oldest it works with (Docker 17.09, 2017). */
const newest = [1, 47] as const
const oldest = [1, 32] as const

/** What docker-modem takes and its types leave out. */
type ModemOptions = Docker.DockerOptions & { agent: HttpAgent }

/** A reached engine. */
export interface Engine {
  readonly docker: Docker
  readonly endpoint: Endpoint
  /** The version all requests are made in. */
  readonly api: readonly [number, number]
  /** It runs on this machine, outside any desktop VM: its PIDs and runtime state are ours to see. */
  readonly local: boolean
  close(): void
}

/**
 * Reaches the engine and agrees on an API version (`/_ping`, as Docker's own client does).
 * @throws DockerBashError when there is none, saying which setting named it and what to do
 */
export async function connect(endpoint: Endpoint, uid = process.getuid?.() ?? -1): Promise<Engine> {
  const agent = await agentFor(endpoint)
  const docker = dockerode({ ...route(endpoint), agent })
  const api = await negotiate(docker, endpoint, uid)
  Object.assign(docker.modem, { version: `v${api.join('.')}` })
  return { docker, endpoint, api, local: isLocal(endpoint), close: () => agent.destroy() }
}

/**
 * docker-modem reads DOCKER_HOST, DOCKER_TLS_VERIFY and DOCKER_CERT_PATH by itself, whatever it is given, and has no
 * switch for it. Which engine is meant has been decided already, so it does not get to see them.
 */
function dockerode(options: ModemOptions): Docker {
  const { DOCKER_HOST } = process.env
  delete process.env.DOCKER_HOST
  try {
    return new Docker(options)
  } finally {
    if (DOCKER_HOST !== undefined) process.env.DOCKER_HOST = DOCKER_HOST
  }
}

export function supports(engine: Engine, minor: number): boolean {
  return engine.api[0] > 1 || engine.api[1] >= minor
}

function isLocal(endpoint: Endpoint): boolean {
  return endpoint.kind === 'unix' && process.platform === 'linux' && !endpoint.path.includes('/.docker/desktop/')
}

async function agentFor(endpoint: Endpoint): Promise<HttpAgent> {
  if (endpoint.kind === 'ssh') return new DialStdioAgent(endpoint)
  if (endpoint.kind === 'tcp' && endpoint.tls) {
    // TLS is a fifth of Node's own start-up; a socket needs none.
    const { Agent: HttpsAgent } = await import('node:https')
    return new HttpsAgent({ keepAlive: true, rejectUnauthorized: endpoint.tls.verify, ...pemsOf(endpoint) })
  }
  return new HttpAgent({ keepAlive: true })
}

function pemsOf(endpoint: TcpEndpoint) {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path))
  try {
    return { ca: read(endpoint.tls?.ca), cert: read(endpoint.tls?.cert), key: read(endpoint.tls?.key) }
  } catch (cause) {
    throw new DockerBashError(`cannot read the TLS files for ${endpoint.host}: ${messageOf(cause)}`, {
      hint: 'docker-bash needs ca.pem, cert.pem and key.pem there, readable by you',
      cause,
    })
  }
}

function route(endpoint: Endpoint) {
  switch (endpoint.kind) {
    case 'unix':
      return { socketPath: endpoint.path, protocol: 'http' as const }
    case 'tcp':
      return {
        host: endpoint.hostname,
        port: endpoint.port,
        protocol: endpoint.tls ? ('https' as const) : ('http' as const),
      }
    case 'ssh':
      // The name is for the Host header alone; the agent makes the connection.
      return { host: 'localhost', port: 80, protocol: 'http' as const }
  }
}

async function negotiate(docker: Docker, endpoint: Endpoint, uid: number): Promise<readonly [number, number]> {
  const theirs = await ping(docker, endpoint, uid)
  if (!theirs) return newest
  const api = earlier(newest, theirs)
  if (earlier(api, oldest) !== oldest && api.join() !== oldest.join()) {
    throw new DockerBashError(`the engine at ${endpoint.host} speaks API ${api.join('.')}, which is too old`, {
      hint: `docker-bash needs ${oldest.join('.')} (Docker 17.09) or newer`,
    })
  }
  return api
}

/** The engine's own API version, from the header that every answer carries. */
function ping(docker: Docker, endpoint: Endpoint, uid: number): Promise<readonly [number, number] | undefined> {
  return new Promise((resolve, reject) => {
    const options = { path: '/_ping', method: 'GET', isStream: true, statusCodes: { 200: true } }
    docker.modem.dial(options, (error: unknown, answer: unknown) => {
      if (error) return reject(unreachable(error, endpoint, uid))
      const { headers, resume } = answer as import('node:http').IncomingMessage
      resume.call(answer)
      const version = /^(\d+)\.(\d+)$/.exec(String(headers['api-version'] ?? ''))
      resolve(version ? [Number(version[1]), Number(version[2])] : undefined)
    })
  })
}

function earlier(a: readonly [number, number], b: readonly [number, number]): readonly [number, number] {
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]) ? a : b
}

/** Why the engine could not be reached, in the user's terms. */
export function unreachable(error: unknown, endpoint: Endpoint, uid: number): DockerBashError {
  if (error instanceof DockerBashError) return error
  const where = `no engine at ${endpoint.host}`
  const named = endpoint.from === 'the default socket' ? '' : ` (from ${endpoint.from})`
  const fail = (why: string, hint: string) => new DockerBashError(`${where}${named}: ${why}`, { hint, cause: error })
  switch (errno(error)) {
    case 'EACCES':
    case 'EPERM':
      return fail(
        'permission denied',
        uid === 0
          ? 'something confines this shell (AppArmor, SELinux, a container): docker-bash must run where the socket is allowed'
          : 'you are not in the docker group: sudo usermod -aG docker $USER, then log in again; or use sudo',
      )
    case 'ENOENT':
      return fail(
        'there is no such socket',
        'start it: sudo systemctl start docker; or name another with -H or --context',
      )
    case 'ECONNREFUSED':
      return fail(
        'nothing listens there',
        'start it: sudo systemctl start docker; or name another with -H or --context',
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail('no such host', 'check the name in the address')
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return fail('no answer', 'check the address, and that a firewall lets you through')
    default:
      return fail(messageOf(error).trim(), 'check the address and its TLS files: docker -H … version')
  }
}

/** The HTTP status of an engine's refusal; undefined for any other error. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined
}

/** The engine's own words in a refusal. */
export function refusalOf(error: unknown): string {
  if (error instanceof Error && 'json' in error) {
    const { json } = error
    if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
      return json.message
    }
  }
  return messageOf(error).trim()
}
