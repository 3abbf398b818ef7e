import { listContainers } from '../engine/containers'
import { type Engine, refusalOf, statusOf } from '../engine/engine'
import { findContainer } from '../engine/look-up'
import type { ContainerInfo, ContainerInspectInfo } from '../engine/types'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { inColumns } from '../terminal/table'
import { nearest } from '../text/nearest'
import { type ComposeSurroundings, composeProject } from './compose'
import { type Listed, listedOf, stateWords } from './container-list'
import { ask, engineError } from './inspect'
import { nameOf } from './names'
import { parseService, type TargetRef } from './parse'
import { targetOf } from './target'

/** The engine has no container that fits. */
export class NoContainer extends DockerBashError {}

/**
 * The one container that is meant, by its full ID. Asks the engine once for a full ID or an exact name; more only for
 * what those do not answer.
 * @throws DockerBashError for none (with the nearest names) and for several (with all of them)
 */
export async function resolve(engine: Engine, ref: TargetRef, around: ComposeSurroundings): Promise<Target> {
  switch (ref.kind) {
    case 'latest':
      return newest(engine)
    case 'any':
      return any(engine, ref.text, around)
    case 'name': {
      const found = await inspect(engine, ref.text)
      if (found && found !== 'several' && isNamed(found, ref.text)) return targetOf(found, engine)
      throw await unknown(engine, ref.text)
    }
    case 'id':
      return byId(engine, ref.text, await inspect(engine, ref.text))
    case 'service': {
      const project = composeProject(around)
      const found = await services(engine, project, ref.service, ref.number)
      return one(engine, found, ref.text, project ? undefined : noProject)
    }
    case 'image':
      return one(
        engine,
        (await list(engine)).filter((c) => hasImage(c, ref.text)),
        `image:${ref.text}`,
      )
    case 'label':
      return one(
        engine,
        (await list(engine)).filter(({ Labels }) =>
          ref.value === undefined ? Object.hasOwn(Labels, ref.key) : Labels[ref.key] === ref.value,
        ),
        ref.text,
      )
    case 'task':
      // Not a matter of one engine: see find.ts.
      throw await unknown(engine, ref.text)
  }
}

/** The newest running container. */
async function newest(engine: Engine): Promise<Target> {
  // The engine lists the newest first.
  const [first] = await ask(engine, listContainers(engine))
  if (first) return inspectId(engine, first.Id)
  throw new DockerBashError('no container is running', { hint: 'docker-bash ls --all shows those that are not' })
}

async function any(engine: Engine, text: string, around: ComposeSurroundings): Promise<Target> {
  const found = await inspect(engine, text)
  if (found && found !== 'several' && (found.Id === text || isNamed(found, text))) return targetOf(found, engine)
  const project = composeProject(around)
  if (project) {
    const { service, number } = parseService(text)
    const members = await services(engine, project, service, number)
    if (members.length > 0) return one(engine, members, text)
  }
  return byId(engine, text, found)
}

async function byId(engine: Engine, text: string, found: Found): Promise<Target> {
  if (found === 'several') {
    const candidates = (await list(engine)).filter(({ Id }) => Id.startsWith(text))
    const { length } = candidates
    throw several(`${text} is the start of ${length} container IDs`, candidates)
  }
  if (found?.Id.startsWith(text)) return targetOf(found, engine)
  throw await unknown(engine, text)
}

type Found = ContainerInspectInfo | 'several' | undefined

/** The engine's own look-up: full ID, then name, then the start of an ID. */
async function inspect(engine: Engine, text: string): Promise<Found> {
  // A word that is no name and no ID would be a path of its own in the request.
  if (!/^[\w][\w.-]*$/.test(text)) return undefined
  try {
    return await findContainer(engine, text)
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    // Docker answers 400 (500 before 25), Podman 409 or 500.
    if (statusOf(error) !== undefined && /multiple (IDs|containers)|more than one/i.test(refusalOf(error)))
      return 'several'
    throw engineError(engine, error)
  }
}

async function inspectId(engine: Engine, id: string): Promise<Target> {
  return targetOf(await ask(engine, findContainer(engine, id)), engine)
}

function list(engine: Engine): Promise<ContainerInfo[]> {
  return ask(engine, listContainers(engine, { all: true }))
}

async function services(engine: Engine, project: string | undefined, service: string, number?: number) {
  const label = [
    `com.docker.compose.service=${service}`,
    ...(project ? [`com.docker.compose.project=${project}`] : []),
    ...(number ? [`com.docker.compose.container-number=${number}`] : []),
  ]
  const found = await ask(engine, listContainers(engine, { all: true, filters: { label } }))
  // `docker compose run` leaves containers of the same service behind; they are not the service.
  return found.filter(({ Labels }) => Labels['com.docker.compose.oneoff'] !== 'True')
}

/** The only one of the candidates, or the only running one. */
async function one(engine: Engine, candidates: ContainerInfo[], text: string, hint?: string): Promise<Target> {
  const running = candidates.filter(({ State }) => State === 'running' || State === 'paused' || State === 'restarting')
  const chosen = running.length > 0 ? running : candidates
  const [first, second] = chosen
  if (!first)
    throw new NoContainer(`no container for ${text}`, { hint: hint ?? 'docker-bash ls --all shows what there is' })
  if (second) throw several(`${text} is ${chosen.length} containers`, chosen)
  return inspectId(engine, first.Id)
}

const noProject = 'there is no compose file here or above; docker-bash ls --all shows what there is'

/** Several containers could be meant: somebody at a terminal may choose among them. */
export class Ambiguous extends DockerBashError {
  readonly candidates: readonly Listed[]

  constructor(message: string, candidates: readonly ContainerInfo[], lines: readonly string[]) {
    super(message, { lines, hint: 'name one of them' })
    this.candidates = candidates.map(listedOf)
  }
}

function several(message: string, candidates: ContainerInfo[]): Ambiguous {
  const most = 10
  const rows = candidates.slice(0, most).map((c) => [c.Id.slice(0, 12), nameOf(c), c.Image, describe(c)])
  const lines = inColumns(rows)
  if (candidates.length > most) lines.push(`and ${candidates.length - most} more`)
  return new Ambiguous(message, candidates, lines)
}

async function unknown(engine: Engine, text: string): Promise<NoContainer> {
  const known = await list(engine)
  const names = known.flatMap((c) => [nameOf(c), c.Labels['com.docker.compose.service'] ?? '']).filter(Boolean)
  const near = nearest(text, [...new Set(names)])
  const all = known.some(({ State }) => State === 'running')
    ? 'docker-bash ls shows what runs'
    : 'nothing runs on this engine: docker-bash ls --all'
  return new NoContainer(`no container named ${text}`, {
    hint: near.length > 0 ? `did you mean ${near.join(' or ')}? ${all}` : all,
  })
}

function isNamed(found: ContainerInspectInfo, name: string): boolean {
  return found.Name.replace(/^\//, '') === name
}

function describe({ State, Status, Created }: ContainerInfo): string {
  return stateWords({ state: State, status: Status, createdAt: new Date(Created * 1000).toISOString() })
}

/** `nginx` is any tag of it; a tag or digest is exact; `sha256:…` or hex digits are the start of an image ID. */
export function hasImage({ Image, ImageID }: ContainerInfo, text: string): boolean {
  if (Image === text || Image.startsWith(`${text}:`) || Image.startsWith(`${text}@`)) return true
  return (
    /^(sha256:)?[0-9a-f]{6,64}$/.test(text) && ImageID.replace('sha256:', '').startsWith(text.replace('sha256:', ''))
  )
}
