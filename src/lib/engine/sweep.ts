import { client } from './client'
import type { Engine } from './engine'
import { hasEnded, ownerLabel } from './owner'
import { removeContainer } from './remove'

/** The label of the images that carry tools. */
export const toolboxLabel = 'docker-bash.toolbox'

/** The label of a container that a way into another one goes through. */
export const helperLabel = 'docker-bash.helper'

/** So long a new session waits for the helper of one that has ended, at most (s); it takes less than one. */
const helperPatienceS = 15

/** An image without a name that is younger (s) may be somebody's who is about to name it. */
const youngS = 600

const swept = new WeakSet<Engine>()

/**
 * Removes what sessions of this host left with the engine when all of their side was killed at once, or the engine
 * itself. Once a run; whatever goes wrong is the next one's.
 */
export async function sweep(engine: Engine): Promise<void> {
  if (swept.has(engine)) return
  swept.add(engine)
  await Promise.allSettled([sweepContainers(engine).finally(() => sweepVolumes(engine)), sweepImages(engine)])
}

async function sweepContainers(engine: Engine): Promise<void> {
  const filters = { label: [ownerLabel] }
  const found = await engine[client].docker.listContainers({ all: true, filters })
  const left = found.filter(({ Labels }) => hasEnded(Labels[ownerLabel] ?? ''))
  await Promise.allSettled(
    left.map(async ({ Id, Labels, State }) => {
      if (State === 'running' && helperLabel in Labels) await stop(engine, Id)
      await removeContainer(engine, Id)
    }),
  )
}

/**
 * A helper ends its command first, which may be what it is doing: the command is in another container, and outlives a
 * helper that is removed meanwhile.
 */
async function stop(engine: Engine, id: string): Promise<void> {
  await engine[client].docker
    .getContainer(id)
    .stop({ t: helperPatienceS })
    .catch(() => undefined)
}

/**
 * Volumes of tools that no container has. An engine that is killed while it makes a container forgets the container's
 * volume, and of two containers that are removed at once neither takes theirs along.
 */
export async function sweepVolumes(engine: Engine): Promise<void> {
  const { docker } = engine[client]
  const filters = { dangling: ['true'], label: [ownerLabel] }
  const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) as never })
  const left = (Volumes ?? []).filter(({ Labels }) => hasEnded(Labels?.[ownerLabel] ?? ''))
  await Promise.allSettled(left.map(({ Name }) => docker.getVolume(Name).remove()))
}

/** Toolboxes whose name another one has by now. One that a container has is refused, and stays. */
async function sweepImages(engine: Engine): Promise<void> {
  const { docker } = engine[client]
  const found = await docker.listImages({ filters: { dangling: ['true'], label: [toolboxLabel] } })
  const old = found.filter(({ Created }) => Date.now() / 1000 - Created > youngS)
  await Promise.allSettled(old.map(({ Id }) => docker.getImage(Id).remove()))
}
