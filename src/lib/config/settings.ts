import { DockerBashError } from '../errors'
import { nearest } from '../text/nearest'
import { configFile, readConfigFile } from './file'
import { checked, type Key, keys, type Values } from './schema'

/** A value and who gave it. */
export interface Told<T = unknown> {
  readonly value: T
  readonly from: 'flag' | 'env' | 'config' | 'label' | 'default'
  /** What it is called there: `--via`, `DOCKER_BASH_VIA`, the file's path, `docker-bash.user`. */
  readonly where?: string
}

/** What the user set for good, each key from the environment, else from the file. */
export type Settings = { readonly [K in Key]?: Told<Values[K]> }

const ignored = new Set(['$schema'])

/**
 * The settings of whoever runs us: one small file is read, nothing else is asked.
 * @throws DockerBashError that names the file or variable, the key, and what is allowed
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const path = configFile(env)
  const file = readConfigFile(path) ?? {}
  const unknown = Object.keys(file).find((name) => !ignored.has(name) && !keys.some((key) => key === name))
  if (unknown !== undefined) {
    const [meant] = nearest(unknown, keys, 1)
    throw new DockerBashError(`${path} has no key ${unknown}`, {
      hint: `${meant ? `did you mean ${meant}? ` : ''}allowed: ${keys.join(', ')}`,
    })
  }
  const told = keys.flatMap((key) => {
    // Both are looked at: a mistake in the file is not hidden by a variable.
    const inFile = Object.hasOwn(file, key) ? checked(key, file[key], `${key} in ${path}`, path) : undefined
    const name = variableOf(key)
    const text = name && env[name]
    if (name && text) return [[key, { value: checked(key, read(key, text), name, name), from: 'env', where: name }]]
    return inFile === undefined ? [] : [[key, { value: inFile, from: 'config', where: path }]]
  })
  return Object.fromEntries(told) as Settings
}

/** The environment's name for a key; nodes have none, they are a list. */
export function variableOf(key: Key): string | undefined {
  return key === 'nodes' ? undefined : `DOCKER_BASH_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`
}

function read(key: Key, text: string): unknown {
  if (key !== 'picker' && key !== 'nodesBySsh') return text
  return ({ true: true, 1: true, false: false, 0: false } as Record<string, boolean>)[text] ?? text
}
