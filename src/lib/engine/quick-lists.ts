import { type Agent, request } from 'node:http'
import type { Endpoint } from './endpoint'
import { agentFor, route } from './route'

/** Nobody waits longer for a key to answer. */
const patienceMs = 1000

const running = encodeURIComponent(JSON.stringify({ 'desired-state': { running: true } }))

/** The engine's own words: nothing in them has been looked at. */
export interface QuickLists {
  readonly containers: readonly unknown[]
  /** These two are empty but for a manager of a swarm. */
  readonly services: readonly unknown[]
  readonly tasks: readonly unknown[]
}

/**
 * What is on that engine, for completion: without an `Engine`, which is more to load than a key press has time for. All
 * requests at once, each in the API version that the engine takes for its own.
 * @returns what was told in time; of an engine that is silent, dead or forbidden, nothing
 */
export async function quickLists(endpoint: Endpoint, anyState: boolean): Promise<QuickLists> {
  const agent = agentFor(endpoint, patienceMs / 1000)
  // One connection of ssh is slow enough.
  if (endpoint.kind === 'ssh') agent.maxSockets = 1
  const get = (path: string) => list(endpoint, agent, path)
  try {
    const [containers, services, tasks] = await Promise.all([
      get(`/containers/json?all=${anyState ? 1 : 0}`),
      // No manager of a swarm refuses these two with 503.
      get('/services'),
      get(`/tasks?filters=${running}`),
    ])
    return { containers, services, tasks }
  } finally {
    agent.destroy()
  }
}

/** What the engine says of one container, by its name or ID; undefined for what it does not know, or not in time. */
export async function quickLook(endpoint: Endpoint, container: string): Promise<unknown> {
  const agent = agentFor(endpoint, patienceMs / 1000)
  try {
    return await ask(endpoint, agent, `/containers/${encodeURIComponent(container)}/json`)
  } finally {
    agent.destroy()
  }
}

/** A list of the API's; an empty one for whatever else comes, or nothing in time. */
async function list(endpoint: Endpoint, agent: Agent, path: string): Promise<unknown[]> {
  const value = await ask(endpoint, agent, path)
  return Array.isArray(value) ? value : []
}

function ask(endpoint: Endpoint, agent: Agent, path: string): Promise<unknown> {
  return new Promise((resolve) => {
    const { protocol, ...where } = route(endpoint)
    const signal = AbortSignal.timeout(patienceMs)
    const asked = request({ ...where, protocol: `${protocol}:`, agent, path, signal })
    const chunks: Buffer[] = []
    asked.once('error', () => resolve(undefined))
    asked.once('response', (answer) => {
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', () => resolve(undefined))
      answer.once('end', () => resolve(answer.statusCode === 200 ? parsed(Buffer.concat(chunks)) : undefined))
    })
    asked.end()
  })
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    // Whatever listens there, it is not an engine.
    return undefined
  }
}
