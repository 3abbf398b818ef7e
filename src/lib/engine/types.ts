/** What the engine takes and answers, as dockerode describes it. The other rooms have these types from here. */
export type {
  ContainerCreateOptions,
  ContainerInfo,
  ContainerInspectInfo,
  HostConfig,
  ImageInspectInfo,
  MountSettings,
} from 'dockerode'
