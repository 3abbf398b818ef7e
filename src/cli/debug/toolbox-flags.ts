import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Settings } from '../../lib/config/settings'
import { DockerBashError } from '../../lib/errors'

/** The image that tools are taken from: what was asked for, else set for good; undefined for the built-in one. */
export function chosenToolbox(flag: string | undefined, { toolbox }: Settings): string | undefined {
  return flag ?? toolbox?.value
}

/** The folder of the user's own tools, absolute. @throws DockerBashError when it is none */
export function toolsFolder(flag: string | undefined): string | undefined {
  if (flag === undefined) return undefined
  const path = resolve(flag)
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path
  throw new DockerBashError(`--tools: "${flag}" is not a folder`, { hint: 'name a folder of static programs' })
}
