import { inspectContainer } from '../../engine/containers'
import { type Engine, statusOf } from '../../engine/engine'
import { inspectNetwork } from '../../engine/networks'
import type { ContainerInspectInfo, HostConfig } from '../../engine/types'

/** What a copy gets of the networks and namespaces that its original has by others. */
export interface Surviving {
  readonly settings: Pick<HostConfig, 'NetworkMode' | 'PidMode'>
  /** Networks to be joined besides. */
  readonly networks: readonly string[]
  /** What is not there any more, each a short clause. */
  readonly without: readonly string[]
}

/**
 * Asks what of it is still there: another container may be gone or stopped, a network removed. Addresses and names in
 * a network are the original's and stay so.
 */
export async function surviving(engine: Engine, info: ContainerInspectInfo): Promise<Surviving> {
  const { NetworkMode: mode = '', PidMode: pids = '' } = info.HostConfig
  const others = Object.keys(info.NetworkSettings?.Networks ?? {})
  const without: string[] = []
  const settings: { NetworkMode?: string; PidMode?: string } = {}
  const isOwn = mode === 'host' || mode === 'none' || mode.startsWith('container:')
  const isThere = mode.startsWith('container:') ? await runs(engine, mode) : isOwn || (await exists(engine, mode))
  if (!isThere) {
    settings.NetworkMode = 'none'
    without.push(`no network: ${mode} is not there`)
  }
  if (pids.startsWith('container:') && !(await runs(engine, pids))) {
    settings.PidMode = ''
    without.push(`PIDs of its own: ${pids} is not there`)
  }
  const more = isThere && !isOwn ? others.filter((name) => name !== mode && !isDefault(name, mode)) : []
  const networks: string[] = []
  for (const name of more) {
    if (await exists(engine, name)) networks.push(name)
    else without.push(`not in the network ${name}, which is gone`)
  }
  return { settings, networks, without }
}

/** The default network has two names. */
function isDefault(name: string, mode: string): boolean {
  return name === 'bridge' && (mode === 'default' || mode === '')
}

async function runs(engine: Engine, mode: string): Promise<boolean> {
  return found(async () => (await inspectContainer(engine, mode.slice('container:'.length))).State.Running)
}

async function exists(engine: Engine, network: string): Promise<boolean> {
  if (network === 'default' || network === '') return true
  return found(() => inspectNetwork(engine, network).then(() => true))
}

async function found(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask()
  } catch (error) {
    if (statusOf(error) === 404) return false
    throw error
  }
}
