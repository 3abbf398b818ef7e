import type { ContainerInfo } from 'dockerode'
import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Published } from '../model'
import { ask } from './ask'
import { nameOf } from './names'

/** A container as the engine lists it: less than a Target, for one request however many there are. */
export interface Listed {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly state: string
  readonly status: string
  readonly createdAt: string
  readonly service?: string
  readonly address?: string
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
  const found = await ask(engine, engine.docker.listContainers({ all: wanted.all, filters }))
  return found.map(listedOf)
}

function listedOf(c: ContainerInfo): Listed {
  const service = c.Labels['com.docker.compose.service']
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
    ...(address && { address }),
    published: publishedOf(c),
    enter: enterBy(c.State, name),
  }
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
      throw new DockerBashError(`--filter ${pair} has no value`, {
        hint: 'write --filter name=web or --filter label=k=v',
      })
    const key = pair.slice(0, equals)
    filters[key] = [...(filters[key] ?? []), pair.slice(equals + 1)]
  }
  return filters
}
