import { messageOf } from '../errors'
import { rootsPath } from '../host/root-owned'
import { type Client, client, HttpClient } from './client'
import type { Endpoint } from './endpoint'
import { type Patience, patienceWith } from './patience'
import { unreachable } from './unreachable'
import type { ApiVersion } from './version'

export { refusalOf, statusOf } from './status'
export { unreachable } from './unreachable'

/**
 * An engine, its questions as yet unasked. Each question is a function of this room that takes an Engine first:
 * `look-up.ts` has those that a run begins with, `exec.ts`, `containers.ts`, `images.ts` and others the rest.
 */
export interface Engine {
  /** What these functions ask by, which nobody else can name. */
  readonly [client]: Client
  readonly endpoint: Endpoint
  /** The version all requests are made in; undefined before the first answer. */
  api(): ApiVersion | undefined
  /** It runs on this machine, outside any desktop VM, and is root's when we are: its PIDs are ours to act upon. */
  readonly local: boolean
  /** Why it is not local although its socket is here, as a clause. */
  readonly foreign?: string
  close(): void
}

/**
 * Reaches the engine (by `/_ping`, as Docker's own client does).
 * @throws DockerBashError when there is none, saying which setting named it and what to do
 */
export async function connect(
  endpoint: Endpoint,
  uid = process.getuid?.() ?? -1,
  patience?: Partial<Patience>,
): Promise<Engine> {
  const engine = connectLate(endpoint, patience)
  try {
    await engine[client].ask({ method: 'GET', path: '/_ping' })
  } catch (error) {
    throw unreachable(error, endpoint, uid)
  }
  return engine
}

/** The engine without a question of its own: that it is not there, or too old, is told by what is asked first. */
export function connectLate(endpoint: Endpoint, patience?: Partial<Patience>): Engine {
  const { local, foreign, path } = placeOf(endpoint)
  const reached = path !== undefined && endpoint.kind === 'unix' ? { ...endpoint, path } : endpoint
  const behind = new HttpClient(endpoint, reached, patienceWith(endpoint, patience))
  return {
    [client]: behind,
    ...{ endpoint, local, ...(foreign !== undefined && { foreign }) },
    api: () => behind.version,
    close: () => behind.close(),
  }
}

export function supports(engine: Engine, minor: number): boolean {
  const [major, own] = engine.api() ?? [0, 0]
  return major > 1 || own >= minor
}

/**
 * Whether an engine is this host's, and why not. Whoever answers at a socket may name any process as a container's, and
 * root would enter it. So for root only an engine counts whose socket nobody but root can have put there; a user's own
 * can still be asked for execs.
 * @returns with the path to reach it by, once that has been looked at
 */
function placeOf(endpoint: Endpoint): { local: boolean; foreign?: string; path?: string } {
  if (endpoint.kind !== 'unix' || process.platform !== 'linux') return { local: false }
  if (endpoint.path.includes('/.docker/desktop/')) return { local: false }
  if (process.getuid?.() !== 0) return { local: true }
  try {
    return { local: true, path: rootsPath(endpoint.path) }
  } catch (error) {
    return { local: false, foreign: `the engine is not root’s: ${messageOf(error)}` }
  }
}
