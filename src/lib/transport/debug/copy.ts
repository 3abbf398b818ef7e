import { randomBytes } from 'node:crypto'
import { type Engine, refusalOf, statusOf } from '../../engine/engine'
import { connectNetwork } from '../../engine/networks'
import { type HeldContainer, holdContainer } from '../../engine/owned-container'
import type {
  ContainerCreateOptions,
  ContainerInspectInfo,
  HostConfig,
  ImageInspectInfo,
  MountSettings,
} from '../../engine/types'
import { DockerBashError } from '../../errors'
import { toolboxImage, toolFolder } from '../../toolbox/image'
import { toolVolume } from '../../toolbox/volume'
import { surviving } from './neighbours'

export interface CopyOptions {
  /** What is read-only may be written: its root; its mounts, which are the original's own, where they are not. */
  readonly writable: boolean
  /** The copy is there when the session has ended. */
  readonly keep: boolean
  /** An image with static programs, instead of the built-in toolbox. */
  readonly toolbox?: string | undefined
  /** A folder of the user's own tools. */
  readonly tools?: string | undefined
}

export interface Copy extends HeldContainer {
  readonly name: string
  /** Folders of tools in it, for PATH. */
  readonly folders: readonly string[]
  /** The toolbox's shell. */
  readonly shell: string
  /** What of the original it could not have. */
  readonly without: readonly string[]
}

/** A throwaway copy of a container: its image, mounts, environment, network and user. The original is not touched. */
export async function copyContainer(engine: Engine, info: ContainerInspectInfo, options: CopyOptions): Promise<Copy> {
  const { Config: config, HostConfig: host } = info
  const { settings, without, networks } = await surviving(engine, info)
  const copy = await hold(
    engine,
    info.Name.replace(/^\//, ''),
    options,
    {
      ...{ Image: info.Image, Env: config.Env, User: config.User, WorkingDir: config.WorkingDir },
      Labels: { 'docker-bash.debug': info.Id },
      HostConfig: {
        ...pick(host),
        ...settings,
        ...{
          ReadonlyRootfs: host.ReadonlyRootfs && !options.writable,
          AutoRemove: !options.keep,
          RestartPolicy: { Name: 'no' },
          Mounts: mountsOf(info, options),
        },
      },
    },
    networks,
  )
  return { ...copy, without }
}

/** A container of an image that never ran. */
export async function copyImage(
  engine: Engine,
  name: string,
  image: ImageInspectInfo,
  options: CopyOptions,
): Promise<Copy> {
  const base = name.replace(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  const copy = await hold(engine, base || 'image', options, {
    Image: image.Id,
    Labels: { 'docker-bash.debug': image.Id },
    HostConfig: { AutoRemove: !options.keep },
  })
  return { ...copy, without: [] }
}

async function hold(
  engine: Engine,
  base: string,
  options: CopyOptions,
  body: ContainerCreateOptions,
  networks: readonly string[] = [],
): Promise<Omit<Copy, 'without'>> {
  const name = `${base}-copy-${randomBytes(3).toString('hex')}`
  const image = await toolboxImage(engine, options.toolbox)
  const volume = await toolVolume(engine, image, base, options.tools)
  try {
    const whole: ContainerCreateOptions = {
      ...body,
      HostConfig: { ...body.HostConfig, VolumesFrom: [volume.readOnly] },
      Entrypoint: [`${toolFolder}/busybox`, 'sh', '-c', 'read -r line'],
      Cmd: [],
      Healthcheck: { Test: ['NONE'] },
    }
    const held = await holdContainer(engine, name, whole, (id) => join(engine, id, networks))
    const folders = options.tools === undefined ? [toolFolder] : [`${toolFolder}/own`, toolFolder]
    return { ...held, name: options.keep ? name : base, folders, shell: `${toolFolder}/${image.shell}` }
  } catch (error) {
    throw refused(base, error)
  } finally {
    await volume.drop()
  }
}

async function join(engine: Engine, id: string, networks: readonly string[]): Promise<void> {
  for (const network of networks) await connectNetwork(engine, network, id)
}

/** What the engine says is about the original: it could not be started either. */
function refused(name: string, error: unknown): unknown {
  const status = statusOf(error)
  if (status === undefined || status === 404) return error
  return new DockerBashError(`${name} cannot be copied: ${refusalOf(error)}`, {
    hint: `docker-bash debug image:… looks at its image alone: docker inspect --format '{{.Image}}' ${name}`,
    cause: error,
  })
}

/** What of a container's settings makes its inside; ports, restarts and its place in the host's order do not. */
const carried = new Set([
  ...['NetworkMode', 'CapAdd', 'CapDrop', 'SecurityOpt', 'Privileged', 'GroupAdd', 'UsernsMode', 'Runtime', 'Tmpfs'],
  ...[
    'ShmSize',
    'Sysctls',
    'Ulimits',
    'Memory',
    'NanoCpus',
    'CpuShares',
    'PidsLimit',
    'Dns',
    'DnsSearch',
    'DnsOptions',
  ],
  ...['ExtraHosts', 'Devices', 'DeviceRequests', 'Init', 'PidMode', 'UTSMode', 'CgroupnsMode'],
])

function pick(host: HostConfig): HostConfig {
  const entries = Object.entries(host).filter(([key, value]) => carried.has(key) && value !== null)
  return Object.fromEntries(entries)
}

function mountsOf({ Mounts: mounts = [], HostConfig: host }: ContainerInspectInfo, { writable }: CopyOptions) {
  const own = mounts.flatMap((mount): MountSettings[] => {
    const { Type: type, Name: name, Source: source, Destination: target } = mount
    const readOnly = !writable || !mount.RW
    if (type === 'bind') return [{ Type: 'bind', Source: source, Target: target, ReadOnly: readOnly }]
    if (type === 'volume' && name) return [{ Type: 'volume', Source: name, Target: target, ReadOnly: readOnly }]
    return []
  })
  // In memory, and empty each time.
  return [...own, ...(host.Mounts ?? []).filter(({ Type }) => Type === 'tmpfs')]
}
