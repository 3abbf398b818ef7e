import type { Duplex } from 'node:stream'
import type Docker from 'dockerode'
import { DockerBashError } from '../errors'
import { dockerode } from './dockerode'
import type { Endpoint } from './endpoint'
import { type Patience, Waits } from './patience'
import { connectTo } from './route'
import { unreachable } from './unreachable'
import { Agreement, type ApiVersion } from './version'
import { type Answer, type Question, Wire } from './wire'

/**
 * Where an `Engine` has its client. This file is for this room alone (scripts/walls.mjs), so that no other can name
 * it: they call functions, each of which says what it asks for.
 */
export const client = Symbol('client')

/** Both ways to ask an engine: our own HTTP client, and dockerode for what is not asked in every session. */
export interface Client {
  /** Loaded when it is first used. */
  readonly docker: Docker
  /**
   * Asks one question of the API, by our own client.
   * @param question its path without the version
   * @returns the answer's JSON, or its text
   * @throws the connection's error, or an Error with the engine's refusal: see `statusOf`, `refusalOf`
   */
  ask(question: Question): Promise<unknown>
  /** The same for a connection that is handed over: the raw stream of an exec. */
  hijack(question: Omit<Question, 'hijack'>): Promise<Duplex>
}

export class HttpClient implements Client {
  readonly #endpoint: Endpoint
  readonly #wire: Wire
  readonly #agreement: Agreement
  readonly #waits: Waits
  #docker: { docker: Docker; close(): void } | undefined

  /** @param reached the same endpoint, its socket by the path that was looked at */
  constructor(endpoint: Endpoint, reached: Endpoint, patience: Patience) {
    this.#endpoint = endpoint
    this.#agreement = new Agreement(endpoint)
    this.#waits = new Waits(endpoint, patience)
    this.#wire = new Wire(
      () => connectTo(reached),
      (question, giveUp) => this.#waits.watch(question, giveUp),
    )
  }

  get docker(): Docker {
    this.#docker ??= dockerode(this.#endpoint, {
      agreed: () => this.#agreed(),
      waits: this.#waits,
      ping: () => this.ask({ method: 'GET', path: '/_ping' }),
      explain: (error) => unreachable(error, this.#endpoint, process.getuid?.() ?? -1),
    })
    return this.#docker.docker
  }

  get version(): ApiVersion | undefined {
    return this.#agreement.version
  }

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
