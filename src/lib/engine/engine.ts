import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import { DockerBashError, errno, messageOf } from '../errors'
import { rootsPath } from '../host/root-owned'
import { isOfConnection } from '../system-errors'
import { dockerode } from './dockerode'
import type { Endpoint } from './endpoint'
import { NoAnswer } from './http1'
import { type Patience, patienceWith, Waits } from './patience'
import { connectTo } from './route'
import { Agreement, type ApiVersion } from './version'
import { type Answer, type Question, Wire } from './wire'

export { refusalOf, statusOf } from './status'

/** An engine, its questions as yet unasked. */
export interface Engine {
  /** For all that is not asked in every session. Loaded when it is first used. */
  readonly docker: Docker
  /**
   * Asks one question of the API.
   * @param path without the version
   * @returns the answer's JSON, or its text
   * @throws the connection's error, or an Error with the engine's refusal: see `statusOf`, `refusalOf`
   */
  ask(question: Question): Promise<unknown>
  /** The same for a connection that is handed over: the raw stream of an exec. */
  hijack(question: Omit<Question, 'hijack'>): Promise<Duplex>
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
    await engine.ask({ method: 'GET', path: '/_ping' })
  } catch (error) {
    throw unreachable(error, endpoint, uid)
  }
  return engine
}

/** The engine without a question of its own: that it is not there, or too old, is told by what is asked first. */
export function connectLate(endpoint: Endpoint, patience?: Partial<Patience>): Engine {
  return new HttpEngine(endpoint, patienceWith(endpoint, patience))
}

class HttpEngine implements Engine {
  readonly endpoint: Endpoint
  readonly local: boolean
  readonly foreign?: string
  readonly #wire: Wire
  readonly #agreement: Agreement
  readonly #waits: Waits
  #docker: { docker: Docker; close(): void } | undefined

  constructor(endpoint: Endpoint, patience: Patience) {
    this.endpoint = endpoint
    const { local, foreign, path } = placeOf(endpoint)
    this.local = local
    if (foreign !== undefined) this.foreign = foreign
    const reached = path !== undefined && endpoint.kind === 'unix' ? { ...endpoint, path } : endpoint
    this.#agreement = new Agreement(endpoint)
    this.#waits = new Waits(endpoint, patience)
    this.#wire = new Wire(
      () => connectTo(reached),
      (question, giveUp) => this.#waits.watch(question, giveUp),
    )
  }

  get docker(): Docker {
    this.#docker ??= dockerode(this.endpoint, {
      agreed: () => this.#agreed(),
      waits: this.#waits,
      ping: () => this.ask({ method: 'GET', path: '/_ping' }),
      explain: (error) => unreachable(error, this.endpoint, process.getuid?.() ?? -1),
    })
    return this.#docker.docker
  }

  readonly api = (): ApiVersion | undefined => this.#agreement.version

  async ask(question: Question): Promise<unknown> {
    return contentOf(await this.#versioned(question, (versioned) => this.#wire.ask(versioned)))
  }

  async hijack(question: Omit<Question, 'hijack'>): Promise<Duplex> {
    const answer = await this.#versioned(question, (versioned) => this.#wire.hijack(versioned))
    if (!('status' in answer)) return answer
    contentOf(answer)
    throw new Error('the engine does not hand over the connection')
  }

  close(): void {
    this.#wire.close()
    this.#docker?.close()
  }

  async #versioned<T extends object>(question: Question, ask: (question: Question) => Promise<T>): Promise<T> {
    // What changes something is not asked before a version was agreed on.
    if (question.method !== 'GET') await this.#agreed()
    const path = this.#agreement.path(question.path)
    const answer = await ask({ ...question, path })
    if ('status' in answer) {
      this.#agreement.hear((answer as unknown as Answer).headers.get('api-version'))
      this.#agreement.requireNewEnough()
    }
    // An engine of the future that wants a version in every path.
    if (path === question.path && isNoPath(answer)) return ask({ ...question, path: this.#agreement.path(path) })
    return answer
  }

  async #agreed(): Promise<ApiVersion> {
    if (!this.#agreement.version) await this.ask({ method: 'GET', path: '/_ping' })
    return this.#agreement.version ?? [0, 0]
  }
}

function isNoPath(answer: object): boolean {
  const { status, body } = answer as Partial<Answer>
  return status === 404 && /page not found/.test(body?.toString() ?? '')
}

function contentOf({ status, headers, body }: Answer): unknown {
  const isJson = /json/.test(headers.get('content-type') ?? '')
  const content = isJson && body.length > 0 ? parsed(body.toString()) : body.toString()
  if (status >= 200 && status < 300) return content
  const error = new Error(typeof content === 'string' && content ? content.trim() : `HTTP ${status}`)
  // As dockerode's errors have them.
  throw Object.assign(error, { statusCode: status, json: content })
}

/** @throws DockerBashError for what is not JSON, though it is said to be: something between changed it, or it lies */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new DockerBashError('the engine’s answer is not valid JSON', {
      hint: 'see what it says: docker version; something between you and it may change its answers',
      cause,
    })
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

/**
 * Why the engine could not be reached, in the user's terms. What is not about the connection to it (a fault of ours, a
 * full disk here) comes back as it is.
 */
export function unreachable<E>(error: E, endpoint: Endpoint, uid: number): E | DockerBashError {
  if (!(error instanceof NoAnswer) && !isOfConnection(error)) return error
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
