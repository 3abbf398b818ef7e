import { listContainers } from '../engine/containers'
import type { Engine } from '../engine/engine'
import type { ContainerInfo } from '../engine/types'
import { DockerBashError } from '../errors'
import { type ComposeSurroundings, composeProject } from '../target/compose'
import { find } from '../target/find'
import { ask } from '../target/inspect'
import { nameOf } from '../target/names'
import { parseService, parseTarget, type TargetRef } from '../target/parse'
import { hasImage } from '../target/resolve'
import { requireRunning } from '../target/state'
import { globOf, isGlob } from './glob'

/** A running container of a fleet, and the engine that has it. */
export interface Member {
  /** Full ID. */
  readonly id: string
  readonly name: string
  readonly engine: Engine
}

export interface Selection {
  /** Each once, in the order of the selectors; those of one selector by name. */
  readonly members: readonly Member[]
  /** Those that a selector fits and that do not run. */
  readonly leftOut: readonly { readonly name: string; readonly state: string }[]
}

export interface SelectOptions {
  readonly around: ComposeSurroundings
  /** All of a swarm service's tasks, wherever they run; undefined when there is no such service. */
  readonly tasks?: (service: string) => Promise<readonly Member[] | undefined>
}

/**
 * What the selectors mean, by one list of the engine's containers. A container that is named (by name or ID) has to
 * run; of all that a pattern, service, label or image fits, those that run are taken.
 * @throws DockerBashError for a selector that nothing running fits: a typing error must not make a fleet smaller
 */
export async function select(engine: Engine, words: readonly string[], options: SelectOptions): Promise<Selection> {
  const list = await listed(engine, true)
  const members = new Map<string, Member>()
  const leftOut = new Map<string, ContainerInfo>()
  for (const word of words) {
    const ref = parseTarget(word)
    const found = matches(list, ref, options.around)
    const tasks = ref.kind === 'service' && found.length === 0 ? await options.tasks?.(ref.service) : undefined
    const running = [...(tasks ?? []), ...found.filter(runs).map((c) => memberOf(engine, c))]
    if (isNamed(ref, found, running)) members.set(...entry(await named(engine, ref, options.around)))
    else if (running.length === 0) throw nothing(word, found)
    for (const member of running) members.set(...entry(member))
    for (const one of found) if (!runs(one)) leftOut.set(one.Id, one)
  }
  return { members: [...members.values()], leftOut: [...leftOut.values()].map(stateOf) }
}

/** Every container that runs. */
export async function selectAll(engine: Engine): Promise<Selection> {
  const list = await listed(engine, false)
  if (list.length === 0) {
    throw new DockerBashError('no container is running', { hint: 'docker-bash ls --all shows those that are not' })
  }
  return {
    members: list.filter(runs).map((c) => memberOf(engine, c)),
    leftOut: list.filter((c) => !runs(c)).map(stateOf),
  }
}

/** One container is meant, and the list has no running one: the resolver knows it, or says why not. */
function isNamed(ref: TargetRef, found: readonly ContainerInfo[], running: readonly Member[]): boolean {
  if (running.length > 0 || !('text' in ref) || isGlob(ref.text)) return false
  return ['any', 'name', 'id', 'task'].includes(ref.kind) && found.length < 2
}

async function named(engine: Engine, ref: TargetRef, around: ComposeSurroundings): Promise<Member> {
  const { target, engine: home, task } = await find(engine, ref, around)
  requireRunning(target)
  return { id: target.id, name: task?.name ?? target.name, engine: home }
}

async function listed(engine: Engine, all: boolean): Promise<ContainerInfo[]> {
  const list = await ask(engine, listContainers(engine, { all }))
  const names = new Map(list.map((one) => [one, nameOf(one)]))
  return list.sort((a, b) => (names.get(a) ?? '').localeCompare(names.get(b) ?? '', 'en', { numeric: true }))
}

/** All that a selector fits, running or not. */
export function matches(
  list: readonly ContainerInfo[],
  ref: TargetRef,
  around: ComposeSurroundings,
): readonly ContainerInfo[] {
  switch (ref.kind) {
    case 'latest':
    case 'task':
      return []
    case 'label':
      return list.filter(({ Labels }) => fitsLabel(Labels, ref.key, ref.value))
    case 'image':
      return list.filter((one) => hasImage(one, ref.text))
    case 'service':
      return ofService(list, ref.service, ref.number, composeProject(around))
    case 'name':
      return byName(list, ref.text)
    case 'id':
      return byId(list, ref.text)
    case 'any':
      return any(list, ref.text, around)
  }
}

/** In the order in which TARGET is looked up: a full ID, a name, a service of this folder, the start of an ID. */
function any(list: readonly ContainerInfo[], text: string, around: ComposeSurroundings): readonly ContainerInfo[] {
  const exact = list.filter(({ Id }) => Id === text)
  if (exact.length > 0) return exact
  const byItsName = byName(list, text)
  if (byItsName.length > 0 || isGlob(text)) return byItsName
  const project = composeProject(around)
  const { service, number } = parseService(text)
  const members = project ? ofService(list, service, number, project) : []
  return members.length > 0 ? members : byId(list, text)
}

function byName(list: readonly ContainerInfo[], text: string): ContainerInfo[] {
  const pattern = isGlob(text) ? globOf(text) : undefined
  return list.filter((one) => (pattern ? pattern.test(nameOf(one)) : nameOf(one) === text))
}

/** The start of several IDs is none of them: the resolver then lists them. */
function byId(list: readonly ContainerInfo[], text: string): readonly ContainerInfo[] {
  const found = /^[0-9a-f]+$/.test(text) ? list.filter(({ Id }) => Id.startsWith(text)) : []
  return found.length === 1 ? found : []
}

function ofService(
  list: readonly ContainerInfo[],
  service: string,
  number: number | undefined,
  project: string | undefined,
): ContainerInfo[] {
  const compose = 'com.docker.compose.'
  return list.filter(
    ({ Labels }) =>
      Labels[`${compose}service`] === service &&
      (project === undefined || Labels[`${compose}project`] === project) &&
      (number === undefined || Labels[`${compose}container-number`] === String(number)) &&
      // What `docker compose run` left behind is not the service.
      Labels[`${compose}oneoff`] !== 'True',
  )
}

function fitsLabel(labels: Record<string, string>, key: string, value: string | undefined): boolean {
  return value === undefined ? Object.hasOwn(labels, key) : labels[key] === value
}

function runs({ State }: ContainerInfo): boolean {
  return State === 'running'
}

function memberOf(engine: Engine, one: ContainerInfo): Member {
  return { id: one.Id, name: nameOf(one), engine }
}

function stateOf(one: ContainerInfo): { name: string; state: string } {
  return { name: nameOf(one), state: one.State }
}

function entry(member: Member): [string, Member] {
  return [member.id, member]
}

function nothing(word: string, found: readonly ContainerInfo[]): DockerBashError {
  if (found.length === 0) {
    return new DockerBashError(`no container fits ${word}`, { hint: 'docker-bash ls --all shows what there is' })
  }
  const lines = found.slice(0, 10).map((one) => `${nameOf(one)}  ${one.State}`)
  return new DockerBashError(`none of those that fit ${word} is running`, {
    lines: found.length > 10 ? [...lines, `and ${found.length - 10} more`] : lines,
    hint: `start them first: docker start ${found.slice(0, 3).map(nameOf).join(' ')}${found.length > 3 ? ' …' : ''}`,
  })
}
