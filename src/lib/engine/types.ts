/** What the engine takes and answers, as dockerode describes it. The other rooms have these types from here. */
export type {
  ContainerCreateOptions,
  ContainerInfo,
  ContainerInspectInfo,
  HostConfig,
  ImageInspectInfo,
  MountSettings,
} from 'dockerode'

/** Which containers are listed; those that run, by default. */
export interface ListOptions {
  readonly all?: boolean
  readonly limit?: number
  /** A list by key; each key has to fit. */
  readonly filters?: Record<string, string[]>
}
