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
    const why = faultOf(text, messageOf(cause))
    throw new DockerBashError(`${path} is not valid JSON: ${why}`, { hint: 'correct it, or move it away', cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new DockerBashError(`${path} is not a JSON object`, { hint: 'write it as {"via": "exec"}' })
}

/** V8's words, with the line in place of the position, where they say one. */
function faultOf(text: string, message: string): string {
  const [what = '', at] = message.split(' in JSON at position ')
  if (at !== undefined) return `${what} in line ${text.slice(0, Number.parseInt(at, 10)).split('\n').length}`
  return what.replace(/ is not valid JSON$/, '')
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
