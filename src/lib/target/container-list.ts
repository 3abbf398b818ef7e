import type { Engine } from '../engine/engine'
import { findContainers } from '../engine/look-up'
import type { ContainerInfo } from '../engine/types'
import { DockerBashError } from '../errors'
import type { Published } from '../model'
import { since } from '../text/time'
import { ask } from './inspect'
import { nameOf } from './names'

/** A container as the engine lists it: less than a Target, for one request however many there are. */
export interface Listed {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly state: string
  readonly status: string
  readonly createdAt: string
  /** Of compose. */
  readonly service?: string
  readonly project?: string
  readonly address?: string
  readonly labels: Readonly<Record<string, string>>
  readonly published: readonly Published[]
  /** The command that gets in, or what has to be done first. */
  readonly enter: string
}

/** The engine's containers, the newest first. */
export async function listTargets(
  engine: Engine,
  wanted: { all: boolean; filters: readonly string[] },
): Promise<Listed[]> {
  const filters = filtersOf(wanted.filters)
  const found = findContainers(engine, { all: wanted.all, ...(wanted.filters.length > 0 && { filters }) })
  return (await ask(engine, found)).map(listedOf)
}

export function listedOf(c: ContainerInfo): Listed {
  const service = c.Labels['com.docker.compose.service']
  const project = c.Labels['com.docker.compose.project']
  const address = Object.values(c.NetworkSettings?.Networks ?? {}).find(({ IPAddress }) => IPAddress)?.IPAddress
  const name = nameOf(c)
  return {
    id: c.Id,
    name,
    image: c.Image,
    state: c.State,
    status: c.Status,
    createdAt: new Date(c.Created * 1000).toISOString(),
    ...(service && { service }),
    ...(project && { project }),
    ...(address && { address }),
    labels: c.Labels,
    published: publishedOf(c),
    enter: enterBy(c.State, name),
  }
}

/** Nothing can be run in it, but a copy of it can be looked at. */
export function isStopped(state: string): boolean {
  return state !== 'running' && state !== 'paused'
}

/** `up 3 hours`, `exited (137) 2 days ago`: the engine's words, made shorter. */
export function stateWords({ state, status, createdAt }: Pick<Listed, 'state' | 'status' | 'createdAt'>): string {
  if (!status) return state === 'running' ? `up, made ${since(Date.parse(createdAt))} ago` : state
  const words = status.replace(/\bAbout an? /, '1 ').replace('Less than a second', '0 seconds')
  return `${words.slice(0, 1).toLowerCase()}${words.slice(1)}`
}

function enterBy(state: string, name: string): string {
  if (state === 'running') return `docker-bash ${name}`
  if (state === 'paused') return `docker unpause ${name}`
  return state === 'removing' ? '-' : `docker start ${name}`
}

function publishedOf({ Ports }: ContainerInfo): Published[] {
  return (Ports ?? []).flatMap(({ Type, PrivatePort: port, PublicPort: hostPort, IP: hostAddress }) =>
    Type === 'tcp' && hostPort ? [{ port, hostPort, hostAddress: hostAddress || '0.0.0.0' }] : [],
  )
}

/** `label=tier=front` twice is both; the engine takes lists by key. */
function filtersOf(pairs: readonly string[]): Record<string, string[]> {
  const filters: Record<string, string[]> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 1)
      throw new DockerBashError(`invalid filter "${pair}": no value`, {
        hint: 'write --filter name=web or --filter label=k=v',
      })
    const key = pair.slice(0, equals)
    filters[key] = [...(filters[key] ?? []), pair.slice(equals + 1)]
  }
  return filters
}
