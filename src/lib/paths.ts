import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** The variable that names each folder, and where it is below HOME without one. */
const places = {
  config: ['XDG_CONFIG_HOME', '.config'],
  data: ['XDG_DATA_HOME', '.local/share'],
  state: ['XDG_STATE_HOME', '.local/state'],
  cache: ['XDG_CACHE_HOME', '.cache'],
} as const

/**
 * Our folder of this kind, by the XDG Base Directory specification: a variable whose value is not absolute is ignored.
 * @param home where HOME is not to be made up for
 */
export function ownFolder(kind: keyof typeof places, env: NodeJS.ProcessEnv, home = env.HOME || homedir()): string {
  const [variable, below] = places[kind]
  const named = env[variable]
  return join(named && isAbsolute(named) ? named : join(home, below), 'docker-bash')
}
