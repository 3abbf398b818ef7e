import { client } from './client'
import type { Engine } from './engine'

/** What an engine tells of itself, as far as it is looked at. */
export interface EngineVersion {
  readonly Version: string
  /** In Go's words: `linux`, `amd64`. */
  readonly Os: string
  readonly Arch: string
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[]
}

export async function engineVersion(engine: Engine): Promise<EngineVersion> {
  return engine[client].docker.version()
}
