import type { ContainerInspectInfo } from '../engine/types'
import { capabilitiesOf, grantedBy } from './capabilities'
import type { Seen } from './proc-view'

/** What a person needs to know of a container before acting inside. */
export interface Facts {
  readonly privilege: {
    readonly privileged: boolean
    readonly user: string
    /** Without `CAP_`; those that a root inside has, or could have. */
    readonly capabilities: readonly string[]
    readonly seccomp: boolean
    readonly noNewPrivileges: boolean
    /** AppArmor profile or SELinux label. */
    readonly label?: string
  }
  /** `own`, `host`, or whose. */
  readonly namespaces: Readonly<Record<'network' | 'pid' | 'ipc' | 'uts' | 'mount' | 'cgroup' | 'user', string>>
  readonly limits: {
    /** Bytes. */
    readonly memory?: Limit
    readonly processes?: Limit
    readonly cpus?: number
  }
  readonly init: { readonly name: string; readonly reaps: boolean }
  readonly root: 'writable' | 'read-only'
  readonly mounts: readonly {
    readonly type: string
    readonly source: string
    readonly target: string
    readonly writable: boolean
  }[]
  readonly log: { readonly driver: string; readonly path?: string }
  readonly restarts: number
}

export interface Limit {
  readonly limit: number
  /** Absent when nobody could tell. */
  readonly used?: number
}

/**
 * The facts, from what the engine tells, corrected by what root on its host sees.
 * @param seen undefined where /proc is not at hand
 */
export function factsOf(info: ContainerInspectInfo, seen: Seen | undefined): Facts {
  const { HostConfig: host, Config: config } = info
  const options: readonly string[] = host.SecurityOpt ?? []
  const label = seen?.label || info.AppArmorProfile || info.ProcessLabel
  const memory = limit(host.Memory, seen?.memory)
  const processes = limit(host.PidsLimit, seen?.processes)
  return {
    privilege: {
      privileged: host.Privileged === true,
      user: config.User || 'root',
      capabilities: seen ? capabilitiesOf(seen.bounding) : grantedBy(host),
      seccomp: seen ? seen.seccomp : !host.Privileged && !options.includes('seccomp=unconfined'),
      noNewPrivileges: seen
        ? seen.noNewPrivileges
        : options.some((option) => /^no-new-privileges(?:[:=]true)?$/.test(option)),
      ...(label && { label }),
    },
    namespaces: {
      network: whose(host.NetworkMode === 'host' || /^container:/.test(host.NetworkMode ?? '') ? host.NetworkMode : ''),
      pid: whose(host.PidMode),
      ipc: whose(/^(?:host|container:)/.test(host.IpcMode ?? '') ? host.IpcMode : ''),
      uts: whose(host.UTSMode),
      mount: 'own',
      cgroup: seen ? (seen.sharesCgroups ? 'host' : 'own') : whose((host as { CgroupnsMode?: string }).CgroupnsMode),
      user: seen ? (seen.userMap ?? 'host') : 'unknown',
    },
    limits: {
      ...(memory && { memory }),
      ...(processes && { processes }),
      ...(host.NanoCpus && { cpus: host.NanoCpus / 1e9 }),
    },
    init: initOf(host.Init === true ? 'docker-init' : (seen?.first ?? info.Path ?? '')),
    root: host.ReadonlyRootfs ? 'read-only' : 'writable',
    mounts: (info.Mounts ?? []).map(({ Type, Source, Destination, RW }) => ({
      ...{ type: Type ?? 'bind', source: Source, target: Destination, writable: RW },
    })),
    log: { driver: host.LogConfig?.Type ?? 'unknown', ...(info.LogPath && { path: info.LogPath }) },
    restarts: info.RestartCount ?? 0,
  }
}

function limit(most: number | null | undefined, used: number | undefined): Limit | undefined {
  return most && most > 0 ? { limit: most, ...(used !== undefined && { used }) } : undefined
}

function whose(mode: string | undefined): string {
  if (!mode || mode === 'private') return 'own'
  return mode.startsWith('container:') ? `of ${mode.slice('container:'.length, 'container:'.length + 12)}` : mode
}

const reapers = new Set([
  ...['docker-init', 'tini', 'tini-static', 'dumb-init', 'catatonit', 'my_init', 'systemd', 'init', 's6-svscan'],
  ...['runsvdir', 'runit', 'supervisord', 'bash', 'sh', 'ash', 'dash'],
])

/** Whether its first process takes care of orphans: inits do, and so do shells, which wait for whatever ends. */
function initOf(path: string): Facts['init'] {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return { name, reaps: reapers.has(name) }
}
