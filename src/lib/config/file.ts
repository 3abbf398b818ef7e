import { join } from 'node:path'
import { DockerBashError, messageOf } from '../errors'
import { whyUnread } from '../files/bounded'
import { readTrusted } from '../files/trusted'
import { ownFolder } from '../paths'

/** The user's config file. */
export function configFile(env: NodeJS.ProcessEnv): string {
  return join(ownFolder('config', env), 'config.json')
}

/**
 * The file as JSON; undefined when there is none for us to read.
 * @throws DockerBashError when it is not a file, not a JSON object, or another user may have written it: it decides as
 * whom and how containers are entered
 */
export function readConfigFile(path: string): Record<string, unknown> | undefined {
  const text = read(path)
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new DockerBashError(`${path} is no JSON: ${messageOf(cause)}`, { hint: `mend it, or move it away`, cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new DockerBashError(`${path} holds no JSON object`, { hint: 'write it as {"via": "exec"}' })
}

function read(path: string): string | undefined {
  try {
    return readTrusted(path, { elsewhere: 'XDG_CONFIG_HOME' })
  } catch (cause) {
    if (cause instanceof DockerBashError) throw cause
    throw new DockerBashError(`cannot read ${path}: ${whyUnread(cause)}`, {
      hint: 'it is your config of docker-bash; XDG_CONFIG_HOME names another place',
      cause,
    })
  }
}
