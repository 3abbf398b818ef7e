import { connectLate, type Engine } from '../../engine/engine'
import { DockerBashError, messageOf } from '../../errors'
import { type Membership, membershipOf, type SwarmNode } from './api'
import { whereabouts } from './choose'
import type { Road, Roads } from './routes'

/** An engine that has said of itself which node of which swarm it is. */
export interface Reached {
  readonly engine: Engine
  readonly place: Membership
  /** What led there: `context prod`; empty for the engine that was named. */
  readonly by: string
}

interface Probe {
  readonly from: string
  readonly reached?: Reached
  /** Why it leads nowhere. */
  readonly why?: string
}

/** How long an engine may take to say who it is (a login by ssh comes before), and how many are asked at once. */
const patienceSeconds = { unix: 5, tcp: 5, ssh: 10 }
const atOnce = 16
/** Lines of what was tried. */
const mostLines = 10

/**
 * The engines of a swarm's nodes. Each road is tried once, however many nodes are looked for, and an engine counts only
 * by the node ID that it gives: no name and no address is believed.
 */
export class NodeEngines {
  readonly present: Reached
  readonly #roads: Roads
  readonly #probes = new Map<Road, Promise<Probe>>()
  readonly #wanted = new Set<Engine>()
  readonly #open: Array<() => void> = []

  /** @param present the engine that was named, which is looked at first */
  constructor(present: { engine: Engine; place: Membership }, roads: Roads) {
    this.present = { ...present, by: '' }
    this.#roads = roads
  }

  /** @throws DockerBashError when no road leads to the node, with the ways to name one */
  async reach(node: SwarmNode, name: string): Promise<Reached> {
    if (node.id === this.present.place.nodeId) return this.present
    const isIt = ({ nodeId }: Membership) => nodeId === node.id
    const near = [...this.#roads.toNode(node), ...this.#roads.contexts]
    const ssh = this.#roads.bySsh(node.address)
    const found = (await this.#first(near, isIt)) ?? (await this.#first(ssh ? [ssh] : [], isIt))
    if (found) return found
    const tried = await Promise.all([...near, ...(ssh ? [ssh] : [])].map((road) => this.#probe(road)))
    throw noRoad(node, name, tried)
  }

  /** The engine of a manager of the same swarm; undefined when no road leads to one. */
  async manager(): Promise<Reached | undefined> {
    const { place } = this.present
    if (place.manages) return this.present
    const known = place.managers.map(({ nodeId }) => nodeId)
    const isOne = ({ nodeId, manages }: Membership) => manages && known.includes(nodeId)
    const { contexts, named, bySsh } = this.#roads
    const ssh = place.managers.flatMap(({ address }) => bySsh(hostOf(address)) ?? [])
    return (await this.#first([...named, ...contexts], isOne)) ?? (await this.#first(ssh, isOne))
  }

  /** Gives up every connection but those to the engines that were handed out. */
  done(): void {
    for (const close of this.#open.splice(0)) close()
  }

  async #first(roads: readonly Road[], fits: (place: Membership) => boolean): Promise<Reached | undefined> {
    for (let at = 0; at < roads.length; at += atOnce) {
      const probes = roads.slice(at, at + atOnce).map((road) => this.#probe(road))
      const found = await firstThat(probes, ({ reached }) => reached !== undefined && fits(reached.place))
      if (found?.reached) {
        this.#wanted.add(found.reached.engine)
        return found.reached
      }
    }
    return undefined
  }

  #probe(road: Road): Promise<Probe> {
    const known = this.#probes.get(road)
    if (known) return known
    const probe = this.#ask(road)
    this.#probes.set(road, probe)
    return probe
  }

  async #ask(road: Road): Promise<Probe> {
    const { from } = road
    if (!('endpoint' in road)) return { from, why: road.why }
    const seconds = patienceSeconds[road.endpoint.kind]
    const engine = connectLate(road.endpoint)
    const abort = new AbortController()
    this.#open.push(() => {
      if (this.#wanted.has(engine)) return
      abort.abort()
      engine.close()
    })
    const late = setTimeout(() => abort.abort(), seconds * 1000)
    try {
      return { from, reached: { engine, place: await membershipOf(engine, abort.signal), by: from } }
    } catch (error) {
      return { from, why: abort.signal.aborted ? `no answer in ${seconds} s` : messageOf(error) }
    } finally {
      clearTimeout(late)
    }
  }
}

/** The first to fit, without waiting for the others; undefined once none does. */
function firstThat<T>(all: readonly Promise<T>[], fits: (one: T) => boolean): Promise<T | undefined> {
  return new Promise((settle) => {
    const asked = all.map(async (one) => {
      const answer = await one
      if (fits(answer)) settle(answer)
    })
    void Promise.all(asked).then(() => settle(undefined))
  })
}

/** `10.0.0.1:2377`, `[::1]:2377` */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
}

function noRoad(node: SwarmNode, name: string, tried: readonly Probe[]): DockerBashError {
  const all = tried.map(({ from, why, reached }) => `${from}: ${why ?? describe(reached?.place)}`)
  const lines = all.slice(0, mostLines)
  if (all.length > mostLines) lines.push(`and ${all.length - mostLines} more`)
  const key = JSON.stringify(node.name || node.id)
  const host = `ssh://${node.address || 'ADDRESS'}`
  return new DockerBashError(`${name} is on node ${whereabouts(node)}, and nothing here leads to its engine`, {
    lines: [
      ...lines,
      'any of these would:',
      `  docker context create ${/^[\w.-]+$/.test(node.name) ? node.name : node.id} --docker host=${host}`,
      `  "nodes": {${key}: "${host}"} in docker-bash's config`,
      `  "nodesBySsh": true there: every node by ssh to its address`,
    ],
    hint: `the engine that answers has to be node ${node.id}`,
  })
}

function describe(place: Membership | undefined): string {
  if (!place?.nodeId) return 'an engine in no swarm'
  return `another node, ${whereabouts({ name: place.name, id: place.nodeId, address: place.address })}`
}
