import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import type { Settings } from '../../config/settings'
import { contextNames } from '../../engine/contexts'
import {
  dockerConfigFolder,
  type Endpoint,
  envTls,
  locateEndpoint,
  parseHost,
  type Surroundings,
} from '../../engine/endpoint'
import { messageOf } from '../../errors'
import type { SwarmNode } from './api'

/** Where the engines of other nodes may be: what the user has told Docker or us. Nothing here is reached yet. */
export interface Roads {
  /** The engines of Docker's contexts. */
  readonly contexts: readonly Road[]
  /** What the user's config calls this node: by its machine's name, its ID or its address. */
  toNode(node: SwarmNode): readonly Road[]
  /** All that the config names. */
  readonly named: readonly Road[]
  /** The node's own address by ssh; undefined where that is not allowed, or there is none. */
  bySsh(address: string): Road | undefined
}

/** `endpoint` is missing where what the user wrote leads nowhere; `why` says so. */
export type Road = { readonly from: string } & ({ readonly endpoint: Endpoint } | { readonly why: string })

/** @param present where the engine is that needs no road */
export function roadsFrom(env: NodeJS.ProcessEnv, settings: Settings, present: Endpoint): Roads {
  const around: Surroundings = { env, home: env.HOME || homedir(), uid: process.getuid?.() ?? -1 }
  const contexts = ['default', ...contextNames(dockerConfigFolder(around))].map((name) =>
    // `default` is the socket of this machine, not what DOCKER_HOST makes of it: that is the present one.
    road(`context ${name}`, () =>
      locateEndpoint({ context: name }, name === 'default' ? { ...around, env: { ...env, DOCKER_HOST: '' } } : around),
    ),
  )
  const named = Object.entries(settings.nodes?.value ?? {}).map(([name, host]) => ({
    name,
    ...road(`nodes.${name}`, () => parseHost(host, `nodes.${name} of the config`, envTls(around))),
  }))
  return {
    contexts: contexts.filter((one) => !('endpoint' in one) || leads(one.endpoint, present)),
    named,
    toNode: ({ name, id, address }) => named.filter((one) => [name, id, address].includes(one.name)),
    bySsh: (address) => {
      if (!settings.nodesBySsh?.value || address === '') return undefined
      const host = address.includes(':') ? `[${address}]` : address
      return road('nodesBySsh', () => parseHost(`ssh://${host}`, 'nodesBySsh of the config'))
    },
  }
}

/** The present one is not a route, nor is a socket of this machine where no engine is. */
function leads(endpoint: Endpoint, present: Endpoint): boolean {
  const missing = endpoint.kind === 'unix' && endpoint.from === 'the default socket' && !existsSync(endpoint.path)
  return !missing && endpoint.host !== present.host
}

function road(from: string, locate: () => Endpoint): Road {
  try {
    const endpoint = locate()
    return { from, endpoint: endpoint.kind === 'ssh' ? { ...endpoint, tentative: true } : endpoint }
  } catch (error) {
    return { from, why: messageOf(error) }
  }
}
