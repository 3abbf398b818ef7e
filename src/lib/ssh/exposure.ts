import type { Engine } from '../engine/engine'
import { unlessDamaged } from '../files/data-files'
import type { Published } from '../model'
import { insecureState } from './insecure-key'
import { pinned } from './known-hosts'
import { survey } from './survey'

/** What there is to know of a container, listed or resolved. */
export interface Exposable {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly published: readonly Published[]
}

/** Whoever lists or enters the container says it. */
const noMatter = () => {}

const loopback = /^(127\.|::1$|\[::1\]$)/

/** The published ports of a container that others can reach and that its sshd may listen on. */
export function reachable({ id, published }: Pick<Exposable, 'id' | 'published'>): Published[] {
  const port = unlessDamaged(() => pinned(id), noMatter)?.port
  return published.filter((one) => (one.port === 22 || one.port === port) && !loopback.test(one.hostAddress))
}

/**
 * A container that everybody who has the image can log in to from outside this host.
 * @returns the warning, or undefined; asks the container only when a port is published
 */
export async function exposure(engine: Engine, target: Exposable): Promise<string | undefined> {
  if (target.state !== 'running' || !target.published.some(({ hostAddress }) => !loopback.test(hostAddress)))
    return undefined
  const asked = await survey(engine, target.id)
  const open = target.published.find(({ port, hostAddress }) => port === asked.port && !loopback.test(hostAddress))
  if (!open || !(await insecureState(engine, target.id, asked)).enabled) return undefined
  return (
    `WARNING: everybody who reaches ${open.hostAddress}:${open.hostPort} can log in to ${target.name} as root: the insecure key is ` +
    `enabled and its SSH port published. Close it: docker-bash key insecure --disable ${target.name}`
  )
}
