import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import type {
  ContainerCreateOptions,
  ContainerInspectInfo,
  HostConfig,
  ImageInspectInfo,
  MountSettings,
} from 'dockerode'
import type { Engine } from '../../engine/engine'
import { type HeldContainer, holdContainer } from '../../engine/held'
import { findBusybox } from '../../toolbox/busybox'
import { busyboxEntries, requireSameArchitecture } from '../../toolbox/image'
import { tar } from '../../toolbox/tar'

/** Where a copy has its tools; nothing but the copy ever has this folder. */
export const toolFolder = '/.docker-bash'

export interface CopyOptions {
  /** The mounts are the original's own: what is written there stays. Otherwise they are read-only. */
  readonly writable: boolean
  /** The copy is there when the session has ended. */
  readonly keep: boolean
}

export interface Copy extends HeldContainer {
  readonly name: string
}

/** A throwaway copy of a container: its image, mounts, environment, network and user. The original is not touched. */
export async function copyContainer(engine: Engine, info: ContainerInspectInfo, options: CopyOptions): Promise<Copy> {
  const { Config: config, HostConfig: host } = info
  return hold(engine, info.Name.replace(/^\//, ''), options, {
    ...{ Image: info.Image, Env: config.Env, User: config.User, WorkingDir: config.WorkingDir },
    Labels: { 'docker-bash.debug': info.Id },
    HostConfig: {
      ...pick(host),
      ...(ownsNetwork(host.NetworkMode) ? {} : { NetworkMode: 'none' }),
      ...{
        ReadonlyRootfs: false,
        AutoRemove: !options.keep,
        RestartPolicy: { Name: 'no' },
        Mounts: mountsOf(info, options),
      },
    },
  })
}

/** A container of an image that never ran. */
export function copyImage(engine: Engine, name: string, image: ImageInspectInfo, options: CopyOptions): Promise<Copy> {
  const base = name.replace(/[^\w.-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return hold(engine, base || 'image', options, {
    Image: image.Id,
    Labels: { 'docker-bash.debug': image.Id },
    HostConfig: { AutoRemove: !options.keep },
  })
}

async function hold(engine: Engine, base: string, options: CopyOptions, body: ContainerCreateOptions): Promise<Copy> {
  const name = `${base}-copy-${randomBytes(3).toString('hex')}`
  await requireSameArchitecture(engine)
  const archive = tar(busyboxEntries(findBusybox(), toolFolder.slice(1)))
  const held = await holdContainer(
    engine,
    name,
    {
      ...body,
      Entrypoint: [`${toolFolder}/busybox`, 'sh', '-c', 'read -r line'],
      Cmd: [],
      Healthcheck: { Test: ['NONE'] },
    },
    async (id) => {
      await engine.docker.getContainer(id).putArchive(Readable.from([archive]), { path: '/' })
    },
  )
  return { ...held, name: options.keep ? name : base }
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
  ...['ExtraHosts', 'Devices', 'Init', 'PidMode', 'UTSMode', 'CgroupnsMode'],
])

function pick(host: HostConfig): HostConfig {
  const entries = Object.entries(host).filter(([key, value]) => carried.has(key) && value !== null)
  return Object.fromEntries(entries)
}

/** Another container's network goes with that container. */
function ownsNetwork(mode: string | undefined): boolean {
  return !mode?.startsWith('container:')
}

function mountsOf({ Mounts: mounts = [] }: ContainerInspectInfo, { writable }: CopyOptions): MountSettings[] {
  return mounts.flatMap((mount) => {
    const { Type: type, Name: name, Source: source, Destination: target } = mount
    const readOnly = !writable || !mount.RW
    if (type === 'bind') return { Type: 'bind' as const, Source: source, Target: target, ReadOnly: readOnly }
    if (type === 'volume' && name) return { Type: 'volume' as const, Source: name, Target: target, ReadOnly: readOnly }
    return []
  })
}
