import { parseHost } from '../engine/endpoint'
import { DockerBashError } from '../errors'
import { type TransportName, transportNames } from '../model'
import { nearest } from '../text/nearest'

/** All that can be set for good, in a file or the environment. What is left out is docker-bash's own choice. */
export interface Values {
  /** The way in to prefer where it fits. */
  readonly via: TransportName | 'auto'
  /** Of the shells a container has, this one: `/bin/zsh`, or `zsh` wherever it is. */
  readonly shell: string
  readonly user: string
  /** The image whose static programs `debug` brings along. */
  readonly toolbox: string
  /** Whether to ask at a terminal when it is not clear which container is meant. */
  readonly picker: boolean
  /** How each node's engine is reached, by the node's name, ID or address. */
  readonly nodes: Readonly<Record<string, string>>
  /** Whether a node that nothing else leads to may be reached by ssh to its address. */
  readonly nodesBySsh: boolean
}
export type Key = keyof Values

/** @param say makes the error: what is allowed there, and a word that may have been meant */
type Check<T> = (value: unknown, say: (allowed: string, meant?: string) => DockerBashError, from: string) => T

export const viaChoices = ['auto', ...transportNames] as const

/** What the texts have to look like. */
export const patterns = {
  shell: /^(?:\/[\w.+@/-]+|[\w.+-]+)$/,
  user: /^[\w.][\w.-]*\$?(?::[\w.][\w.-]*\$?)?$/,
  toolbox: /^[\w][\w./:@-]*$/,
}

/** One rule a key, for the file and the environment alike; json-schema.ts tells editors the same. */
export const checks: { readonly [K in Key]: Check<Values[K]> } = {
  via: (value, say) => {
    const found = viaChoices.find((way) => way === value)
    if (found) return found
    throw say(viaChoices.join(', '), typeof value === 'string' ? nearest(value, viaChoices, 1)[0] : undefined)
  },
  shell: text(patterns.shell, 'a path such as /bin/zsh, or a name such as zsh'),
  user: text(patterns.user, 'NAME or UID, and :GROUP if need be'),
  toolbox: text(patterns.toolbox, 'an image such as busybox:musl'),
  picker: either,
  nodes: (value, say, from) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw say('{"NODE": "ssh://HOST", …}')
    return Object.fromEntries(
      Object.entries(value).map(([node, host]) => {
        if (typeof host !== 'string') throw say('{"NODE": "ssh://HOST", …}')
        parseHost(host, `nodes.${node} in ${from}`)
        return [node, host]
      }),
    )
  },
  nodesBySsh: either,
}

export const keys = Object.keys(checks) as Key[]

function either(value: unknown, say: (allowed: string) => DockerBashError): boolean {
  if (typeof value === 'boolean') return value
  throw say('true, false')
}

function text(pattern: RegExp, allowed: string): Check<string> {
  return (value, say) => {
    if (typeof value === 'string' && pattern.test(value)) return value
    throw say(allowed)
  }
}

/**
 * @param value as JSON has it
 * @param where what it is called there, such as `DOCKER_BASH_VIA` or `via in FILE`; for messages
 * @throws DockerBashError that says where, what was found and what is allowed
 */
export function checked<K extends Key>(key: K, value: unknown, where: string, from: string): Values[K] {
  const say = (allowed: string, meant?: string) =>
    new DockerBashError(`invalid value ${JSON.stringify(value)} for ${where}`, {
      hint: `${meant ? `did you mean ${meant}? ` : ''}allowed: ${allowed}`,
    })
  return checks[key](value, say, from)
}
