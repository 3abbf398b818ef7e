import type { Engine } from '../engine/engine'
import type { Sshd, Target } from '../model'
import { enrolment } from './enrolment'
import { knowHost, type PinnedHost } from './known-hosts'
import { type OpenRoad, tryRoads } from './routes'

/** The way to a container's server as far as it goes without a login. */
export interface Reach {
  readonly facts: Sshd
  /** What its host key has to be: one of the pinned ones, or the one named by the user. */
  readonly expect?: { readonly hostKeys: PinnedHost['hostKeys'] } | { readonly fingerprint: string }
  readonly host?: PinnedHost
  /** Open until it is used or closed. */
  readonly road?: OpenRoad
}

/**
 * Finds out which road leads to the container's sshd, trying them. The host keys come first, through the engine.
 * @param hostKey a fingerprint given by the user, which stands in for keys that cannot be read, or replaces them
 */
export async function reach(engine: Engine, target: Target, hostKey?: string): Promise<Reach> {
  const enrolled = (enrolment(target.id)?.keys ?? []).map(({ key }) => key)
  const known = await knowHost(engine, target.id)
  if (!known.host && !(hostKey && known.refusal === 'no host keys')) {
    return { facts: { ...refusal(target, known.refusal, known.complaint), roads: [], enrolled } }
  }
  const host = known.host ?? { id: target.id, hostKeys: [], program: '/usr/sbin/sshd', port: 22 }
  const { tried, open } = await tryRoads(engine, target, host)
  const facts = { roads: tried, enrolled, ...(!open && noRoad(tried)) }
  const expect = hostKey ? { fingerprint: hostKey } : { hostKeys: host.hostKeys }
  return { facts, host, expect, ...(open && { road: open }) }
}

export function closeReach({ road }: Reach): void {
  road?.stream.destroy()
}

function refusal({ name }: Target, why: 'no sshd' | 'no host keys', complaint?: string) {
  if (why === 'no sshd')
    return { refusal: 'there is no sshd in the container', remedy: `docker-bash --via exec ${name}` }
  const said = complaint ? ` (${complaint})` : ''
  return {
    refusal: `its sshd has no host keys that can be read${said}`,
    remedy: `docker-bash key install ${name} makes them; --host-key SHA256:… accepts one by its fingerprint`,
  }
}

function noRoad(tried: Sshd['roads']) {
  const reasons = tried.map(({ name, where, refusal }) => `${name}${where && ` ${where}`}: ${refusal}`)
  return { refusal: `no road leads to its sshd (${reasons.join('; ')})` }
}
