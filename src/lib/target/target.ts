import type { ContainerInspectInfo } from '../engine/types'
import type { Address, Published, State, Target } from '../model'

const states: readonly State[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']

/** A Target from what the engine tells of a container. */
export function targetOf(info: ContainerInspectInfo, { local, foreign }: Pick<Target, 'local' | 'foreign'>): Target {
  const { State: state, Config: config } = info
  const startedAt = moment(state.StartedAt)
  const finishedAt = moment(state.FinishedAt)
  const status = stateOf(state.Status)
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    image: config.Image,
    pid: state.Pid,
    local,
    ...(foreign !== undefined && { foreign }),
    state: status,
    ...(startedAt && { startedAt }),
    ...(finishedAt && { finishedAt }),
    ...(finishedAt && status !== 'running' && { exit: { code: state.ExitCode, oom: state.OOMKilled } }),
    user: config.User ?? '',
    workdir: config.WorkingDir ?? '',
    env: config.Env ?? [],
    ...(info.HostConfig?.GroupAdd?.length && { groupAdd: info.HostConfig.GroupAdd }),
    ...(!['', 'private'].includes(info.HostConfig?.PidMode ?? '') && { sharesPids: true }),
    ...(info.HostConfig?.IpcMode === 'shareable' && { sharesIpc: true }),
    labels: config.Labels ?? {},
    addresses: addressesOf(info),
    published: publishedOf(info),
  }
}

/** Podman calls an ended container `stopped` for a moment, and one just made `initialized` or `configured`. */
function stateOf(status: string): State {
  return states.find((known) => known === status) ?? (status === 'stopped' ? 'exited' : 'created')
}

/** The engine writes the year 1 for "never". */
function moment(text: string | undefined): string | undefined {
  return text && !text.startsWith('0001-') ? text : undefined
}

function addressesOf({ NetworkSettings: settings }: ContainerInspectInfo): Address[] {
  return Object.entries(settings?.Networks ?? {}).map(([network, { IPAddress: ipv4, GlobalIPv6Address: ipv6 }]) => ({
    network,
    ...(ipv4 && { ipv4 }),
    ...(ipv6 && { ipv6 }),
  }))
}

function publishedOf({ NetworkSettings: settings }: ContainerInspectInfo): Published[] {
  return Object.entries(settings?.Ports ?? {}).flatMap(([inside, bindings]) => {
    const [port, protocol] = inside.split('/')
    if (protocol !== 'tcp') return []
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      port: Number(port),
      hostAddress: HostIp || '0.0.0.0',
      hostPort: Number(HostPort),
    }))
  })
}
