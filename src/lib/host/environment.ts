import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Ended } from '../errors'
import type { Request, Runtime, Target } from '../model'
import { mergedEnv, nameOf, usualPath } from '../text/env-entries'
import { readRoots } from './root-owned'

/** The `process` of an OCI runtime's config.json, as far as it is looked at here. */
export interface ProcessSpec {
  readonly terminal?: boolean
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly env?: readonly string[]
  readonly cwd?: string
  readonly rlimits?: readonly { readonly type: string; readonly soft: number; readonly hard: number }[]
  readonly [other: string]: unknown
}

/**
 * The process that a container was started with, from its bundle.
 * @param name the container's
 * @throws Ended when the bundle has gone with the container; NotRoots
 */
export function readProcessSpec({ bundle }: Runtime, name: string): ProcessSpec {
  try {
    const { process } = JSON.parse(readRoots(join(bundle, 'config.json')).toString()) as { process: ProcessSpec }
    return process
  } catch (error) {
    throw existsSync(bundle) ? error : new Ended(name, error)
  }
}

/**
 * The environment that the engine's exec would give a command: the container's own, TERM with a terminal, and what
 * was asked for (moby's `CreateDaemonEnvironment`).
 * @param spec the container's own process; without it the same is made up from what the engine tells
 */
export function environmentOf(spec: ProcessSpec | undefined, target: Target, request: Request): string[] {
  const own = new Map((spec?.env ?? usualEnv(target)).map((entry) => [nameOf(entry), entry]))
  // The engine's word for a terminal, not the image's: it follows the session, not the container.
  const isGiven = target.env.some((entry) => nameOf(entry) === 'TERM')
  if (spec?.terminal && !isGiven) own.delete('TERM')
  if (request.tty && !own.has('TERM')) own.set('TERM', 'TERM=xterm')
  return mergedEnv([...own.values()], request.env)
}

/** As the runtime adds it: an empty HOME is none. */
export function withHome(env: readonly string[], home: string): string[] {
  if (env.some((entry) => nameOf(entry) === 'HOME' && entry !== 'HOME=')) return [...env]
  return [...env.filter((entry) => entry !== 'HOME='), `HOME=${home}`]
}

function usualEnv(target: Target): string[] {
  return [usualPath, `HOSTNAME=${target.id.slice(0, 12)}`, ...target.env]
}
