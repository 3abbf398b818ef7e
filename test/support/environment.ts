/** What the program under test finds around it: nothing of this machine's own settings. */
import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Place, scratch, sharedEngine } from './engine'

export type Environment = Record<string, string | undefined>

export interface Surroundings {
  readonly env: Record<string, string>
  /** Removes what was made for it. */
  clear(): void
}

/**
 * A clean environment: no DOCKER_*, XDG_*, NODE_* from outside (the cache is one for all tests), DOCKER_HOST the engine's, HOME an empty folder, both
 * programs first in PATH. `changes` add to it; `undefined` takes away.
 */
export function surroundings(changes: Environment = {}, place: Place = sharedEngine()): Surroundings {
  const home = scratch('home')
  const bin = process.env.DOCKER_BASH_TEST_BIN ?? dirname(process.execPath)
  const all: Environment = {
    PATH: `${bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: home,
    // One for all: most runs go by compiled code, as those of users do.
    XDG_CACHE_HOME: process.env.DOCKER_BASH_TEST_CACHE,
    LANG: 'C.UTF-8',
    DOCKER_HOST: place.host,
    ...changes,
  }
  const env = Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined))
  return { env, clear: () => rmSync(home, { recursive: true, force: true }) }
}

/** The words that start a program where the engine's containers can be reached by their addresses. */
export function within({ netns }: Place, words: readonly string[]): string[] {
  // An engine that is gone has taken its namespace along.
  return netns && existsSync(netns) ? ['nsenter', `--net=${netns}`, ...words] : [...words]
}
