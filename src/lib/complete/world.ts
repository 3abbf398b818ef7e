import type { Candidate } from './reply'

/** What is asked of the surroundings, and only if it is needed. */
export interface World {
  /** Docker's config folder. */
  readonly dockerConfig: string
  readonly env: NodeJS.ProcessEnv
  /** Names of containers, services and tasks that begin like `word`. */
  targets(word: string, anyState: boolean): Promise<Candidate[]>
  /** What is known of the container that a word means; @param source it is on the engine of what is copied from */
  inside(target: string, source: boolean): Promise<Inside | undefined>
  /** Names here that begin like `start`, a slash behind folders. */
  names(start: string): string[]
}

/** A container, as far as a key press has time for it. */
export interface Inside {
  /** Names in a folder of it, as `ContainerRoot.names` has them; none where they are not ours to see. */
  names(folder: string, start: string): string[]
  readonly ports: readonly Port[]
}

export interface Port {
  readonly port: number
  readonly udp: boolean
  readonly about: string
}
