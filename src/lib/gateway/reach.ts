import type { Probed, Verdict } from '../model'

/** By what ways an SSH client gets what, through `proxy` or a gateway. */
export interface ClientReach {
  readonly command: 'runc' | 'exec' | 'debug'
  /** From its own mounts, entered from here; by a program in a container beside it; by an sftp-server in it, if there is one. */
  readonly files: 'mounts' | 'beside' | 'server'
  /** Ports and sockets of its network: made there, or by a program in a container beside it. */
  readonly forwards: 'network' | 'beside' | 'none'
}

/**
 * @param hasPerl this host has one to bring along
 * @returns undefined where no SSH client gets in: it does not run, or no way of these fits
 */
export function clientReach(
  target: Probed,
  verdicts: readonly Verdict[],
  hasPerl: () => boolean,
): ClientReach | undefined {
  const command = (['runc', 'exec', 'debug'] as const).find((name) =>
    verdicts.some(({ transport, fits }) => fits && transport === name),
  )
  if (target.state !== 'running' || !command) return undefined
  const isEntered = target.onHost.looked && target.onHost.found.certain
  if (isEntered) return { command, files: 'mounts', forwards: 'network' }
  if (!hasPerl()) return { command, files: 'server', forwards: 'none' }
  return { command, files: target.sharesPids ? 'server' : 'beside', forwards: 'beside' }
}
