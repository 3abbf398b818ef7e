import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DockerBashError } from '../errors'
import { requireTrust } from '../files/trusted'
import { wayTo } from '../files/way'
import { type ContextTls, currentContext, readContext } from './contexts'

/** Where an engine is reached, and which setting said so. */
export type Endpoint = UnixEndpoint | TcpEndpoint | SshEndpoint

interface Named {
  /** As the user would write it: `unix:///var/run/docker.sock`. */
  readonly host: string
  /** The setting it came from: `-H`, `DOCKER_HOST`, `context prod`, … */
  readonly from: string
}
export interface UnixEndpoint extends Named {
  readonly kind: 'unix'
  readonly path: string
}
export interface TcpEndpoint extends Named {
  readonly kind: 'tcp'
  readonly hostname: string
  readonly port: number
  /** PEM files; absent for plain TCP. */
  readonly tls?: ContextTls
}
export interface SshEndpoint extends Named {
  readonly kind: 'ssh'
  /** Arguments of the ssh client that name the host: `-l user -p port -- host`. */
  readonly sshArgs: readonly string[]
  /** Nobody named this host for this command: no question is asked, and a host that is not there is soon given up. */
  readonly tentative?: boolean
  /** The remote socket, when the URL names one. */
  readonly socket?: string
}

export interface EndpointChoice {
  readonly host?: string | undefined
  readonly context?: string | undefined
}

/** What choosing an engine reads from its surroundings; passed in, so that it can be tested without them. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly home: string
  readonly uid: number
  /** Told of what is wrong in the surroundings, but does not stop us. */
  readonly warn?: (text: string) => void
}

const defaultSocket = '/var/run/docker.sock'

/**
 * The engine that is meant, in the order of Docker's own client: `-H`, `--context`, DOCKER_HOST, DOCKER_CONTEXT, the
 * config file's current context, then the default sockets (system, rootless, Desktop), the first that exists.
 * Reads files only; nothing is connected.
 */
export function locateEndpoint(choice: EndpointChoice, around: Surroundings): Endpoint {
  if (choice.host !== undefined && choice.context !== undefined) {
    throw new DockerBashError('-H and --context were both given', { hint: 'give one of them' })
  }
  const { env } = around
  if (choice.host !== undefined) return parseHost(choice.host, '-H', envTls(around))
  if (choice.context !== undefined) return fromContext(choice.context, '--context', around)
  if (env.DOCKER_HOST) return parseHost(env.DOCKER_HOST, 'DOCKER_HOST', envTls(around))
  if (env.DOCKER_CONTEXT) return fromContext(env.DOCKER_CONTEXT, 'DOCKER_CONTEXT', around)
  const current = currentContext(dockerConfigFolder(around), around.warn)
  if (current !== undefined) return fromContext(current, 'current context', around)
  return defaultEndpoint(around)
}

/** `~/.docker`, or where DOCKER_CONFIG says. */
export function dockerConfigFolder({ env, home }: Surroundings): string {
  return env.DOCKER_CONFIG || join(home, '.docker')
}

function fromContext(name: string, from: string, around: Surroundings): Endpoint {
  // Docker's own name for "no context": its host is DOCKER_HOST or the default socket.
  if (name === 'default') {
    return around.env.DOCKER_HOST
      ? parseHost(around.env.DOCKER_HOST, 'DOCKER_HOST', envTls(around))
      : defaultEndpoint(around)
  }
  const { host, tls } = readContext(name, dockerConfigFolder(around))
  return parseHost(host, `${from} ${name}`, tls)
}

function defaultEndpoint({ env, home, uid }: Surroundings): Endpoint {
  const candidates = [
    defaultSocket,
    join(env.XDG_RUNTIME_DIR || `/run/user/${uid}`, 'docker.sock'),
    join(home, '.docker', 'run', 'docker.sock'),
    join(home, '.docker', 'desktop', 'docker.sock'),
  ]
  const path = candidates.find(isUsable) ?? defaultSocket
  return { kind: 'unix', path, host: `unix://${path}`, from: 'the default socket' }
}

/** The system's socket as it is; in a folder of HOME or the session only if it is ours. */
function isUsable(path: string): boolean {
  const way = path === defaultSocket ? undefined : wayTo(path)
  return way ? 'real' in way : path === defaultSocket && existsSync(path)
}

/** DOCKER_TLS_VERIFY and DOCKER_CERT_PATH hold for `-H` and DOCKER_HOST, as in Docker's client. */
export function envTls(around: Surroundings): ContextTls | undefined {
  const { env } = around
  if (!env.DOCKER_TLS_VERIFY && !env.DOCKER_TLS) return undefined
  const folder = env.DOCKER_CERT_PATH || dockerConfigFolder(around)
  const file = (name: string) => {
    const path = join(folder, name)
    if (!existsSync(path)) return undefined
    // A folder that is named for them is the caller's word.
    if (!env.DOCKER_CERT_PATH) requireTrust(path, 'DOCKER_CERT_PATH')
    return path
  }
  return {
    // Docker's flags --tlscacert, --tlscert and --tlskey, when it runs us as its plugin, have no variables of its own.
    ca: env.DOCKER_BASH_TLSCACERT ?? file('ca.pem'),
    cert: env.DOCKER_BASH_TLSCERT ?? file('cert.pem'),
    key: env.DOCKER_BASH_TLSKEY ?? file('key.pem'),
    verify: Boolean(env.DOCKER_TLS_VERIFY),
  }
}

/**
 * A Docker host URL, as Docker's own client reads it: blanks around it are not part of it, and `host:port` alone is TCP.
 * A bare path, which Docker takes for TCP on this machine, is the socket that it names.
 * @see https://github.com/docker/cli/blob/master/opts/hosts.go
 */
export function parseHost(given: string, from: string, tls?: ContextTls): Endpoint {
  const host = given.trim()
  const scheme = /^([^:/]*):\/\//.exec(host)?.[1]
  const rest = scheme === undefined ? host : host.slice(scheme.length + 3)
  switch (scheme ?? (host.startsWith('/') ? 'unix' : 'tcp')) {
    case 'unix':
      return { kind: 'unix', path: rest || defaultSocket, host: `unix://${rest || defaultSocket}`, from }
    case 'tcp':
      return parseTcp(rest, host, from, tls)
    case 'ssh':
      return parseSsh(host, from)
    default:
      throw new DockerBashError(`cannot reach an engine by ${host} (from ${from})`, {
        hint: 'docker-bash knows unix:///path, tcp://host:port and ssh://user@host',
      })
  }
}

/** `host`, `host:port`, `:port`, `[address]:port`: what is missing is this machine, and Docker's port. */
const address = /^(?:\[([0-9a-f:.]+(?:%[\w.~-]+)?)\]|([\w.-]*))(?::(\d{0,5}))?\/?$/i

function parseTcp(rest: string, host: string, from: string, tls?: ContextTls): TcpEndpoint {
  const found = address.exec(rest)
  if (!found) throw badHost(host, from)
  const [, numeric, name, port] = found
  const number = Number(port || (tls ? 2376 : 2375))
  if (number > 65535) throw badHost(host, from)
  // In a URL the sign before an IPv6 zone is itself escaped.
  const hostname = numeric?.replace('%25', '%') ?? (name || 'localhost')
  return { kind: 'tcp', hostname, port: number, host, from, ...(tls && { tls }) }
}

function parseSsh(host: string, from: string): SshEndpoint {
  let url: URL
  try {
    url = new URL(host)
  } catch (cause) {
    throw badHost(host, from, cause)
  }
  if (!url.hostname) throw badHost(host, from)
  if (url.password) {
    throw new DockerBashError(`the engine's URL from ${from} holds a password`, {
      hint: 'ssh takes none from there: use a key or an agent, and ssh://user@host',
    })
  }
  const sshArgs = [
    ...(url.username ? ['-l', decodeURIComponent(url.username)] : []),
    ...(url.port ? ['-p', url.port] : []),
    '--',
    url.hostname.replace(/^\[|\]$/g, ''),
  ]
  const socket = url.pathname && url.pathname !== '/' ? decodeURIComponent(url.pathname) : undefined
  return { kind: 'ssh', sshArgs, host, from, ...(socket && { socket }) }
}

function badHost(host: string, from: string, cause?: unknown): DockerBashError {
  return new DockerBashError(`invalid engine address "${host}" (from ${from})`, {
    hint: 'write it as unix:///path, tcp://host:port or ssh://user@host',
    cause,
  })
}
