import { isatty } from 'node:tty'
import { readSettings, type Settings } from '../lib/config/settings'
import type { EndpointChoice } from '../lib/engine/endpoint'
import type { Engine } from '../lib/engine/engine'
import { DockerBashError } from '../lib/errors'
import { here } from '../lib/target/compose'
import { isStopped, listTargets } from '../lib/target/container-list'
import { find } from '../lib/target/find'
import { parseTarget, type TargetRef } from '../lib/target/parse'
import { Ambiguous } from '../lib/target/resolve'
import type { FindSurroundings, Found, SwarmTask } from '../lib/target/types'
import { engineOf } from './engine'
import { say } from './output/errors'
import { mayAsk, type Typed, tellLine } from './prompt/interactive'

/** The container that is meant, on the engine that the flags mean or another node of its swarm. */
export async function findTarget(ref: TargetRef, flags: EndpointChoice, typed?: Typed): Promise<Found> {
  return findOn(engineOf(flags), ref, typed)
}

/**
 * Where several could be meant, somebody at a terminal chooses; elsewhere it is the error that lists them.
 * @param typed where the word stands that means it; left out, nobody is asked
 */
export async function findOn(engine: Engine, ref: TargetRef, typed?: Typed): Promise<Found> {
  const around = { ...here(), ...(typed && { chooseTask: chosenTask(typed) }) }
  const found = await find(engine, ref, around).catch(async (error: unknown) => {
    if (!(error instanceof Ambiguous) || !typed || !mayAsk()) throw error
    return find(engine, { kind: 'id', text: await chosenOf(engine, error, typed) }, here())
  })
  return noted(found)
}

/** A TARGET that is resolved once: by whoever asked which is meant, or else when its turn comes. */
export interface Chosen {
  /** The word itself, or what was chosen where it could be several. */
  readonly name: string
  /** @throws DockerBashError for what is wrong with it */
  readonly found: () => Promise<Found>
}

/** A word that nobody is asked about. */
export function unasked(engine: Engine, word: string): Chosen {
  return { name: word, found: async () => findOn(engine, parseTarget(word)) }
}

/**
 * The container that a word means. Where it could be several, somebody at the terminal chooses, and what was found to
 * ask that is what is used.
 * @throws DockerBashError without words when they left; whatever else is wrong is said where it is used
 */
export async function chosenTarget(engine: Engine, word: string, asks = mayAsk()): Promise<Chosen> {
  if (!asks) return unasked(engine, word)
  let name = word
  const choose = chosenTask({ word })
  const chooseTask: FindSurroundings['chooseTask'] = async (service, tasks) => {
    const task = await choose(service, tasks)
    if (task) name = `task:${task.id}`
    return task
  }
  try {
    const found = await find(engine, parseTarget(word), { ...here(), chooseTask })
    return { name, found: async () => noted(found) }
  } catch (error) {
    if (error instanceof Ambiguous) {
      const id = await chosenOf(engine, error, { word })
      return { name: id, found: () => findOn(engine, { kind: 'id', text: id }) }
    }
    if (error instanceof DockerBashError && error.message === '') throw error
    return { name, found: () => Promise.reject(error) }
  }
}

/** Says what is to be said of the choice. */
function noted(found: Found): Found {
  if (found.note && isatty(2)) say(found.note)
  return found
}

/** Asks which of a service's tasks is meant, at a terminal where that is wanted. */
function chosenTask(typed: Typed): NonNullable<FindSurroundings['chooseTask']> {
  return async (service, tasks) => {
    if (!mayAsk()) return undefined
    const { chooseTask } = await import('./prompt/pick-task')
    const task = await chooseTask(service, tasks)
    tellLine(task.name, typed)
    return task
  }
}

async function chosenOf(engine: Engine, { candidates, message }: Ambiguous, typed: Typed): Promise<string> {
  const { choose } = await import('./prompt/pick-container')
  const { id, name } = await choose(engine, candidates, readSettings(), `${message}:`)
  tellLine(name, typed)
  return id
}

/** Any container, chosen at the terminal. Its state says whether it can be entered. */
export async function findByHand(flags: EndpointChoice, set: Settings): Promise<Found> {
  const engine = engineOf(flags)
  const listing = listTargets(engine, { all: true, filters: [] })
  // A refusal is heard below; until then it must not count as nobody's.
  listing.catch(() => undefined)
  // The request goes out first; the engine makes its list while the picker is loaded.
  await new Promise((sent) => setImmediate(sent))
  const { choose } = await import('./prompt/pick-container')
  const { id, name, state } = await choose(engine, await listing, set)
  tellLine(name, undefined, isStopped(state) ? 'debug' : '')
  return find(engine, { kind: 'id', text: id }, here())
}

/** `web.2 on node beta (10.0.0.2), by context beta` */
export function whereOf({ name, node, by }: SwarmTask): string {
  const address = node.address ? ` (${node.address})` : ''
  return `${name} on node ${node.name || node.id}${address}, by ${by || 'the engine that was named'}`
}

/** Says what the swarm did to a task, once the session in it has ended. */
export async function tellAfterword(task: SwarmTask): Promise<void> {
  const { afterword } = await import('../lib/target/swarm/afterword')
  const text = await afterword(task)
  if (text) say(text)
}
