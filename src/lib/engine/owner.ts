import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { errno } from '../errors'
import { readStat } from '../host/proc'

/** The label that says whose a container of ours is: nobody's, once that process has ended. */
export const ownerLabel = 'docker-bash.owner'

/** A process: on which host, since which boot, in which PID namespace, and when it was started (the kernel's ticks). */
interface Owner {
  readonly host: string
  readonly boot: string
  readonly space: string
  readonly pid: number
  readonly start: number
}

/** The label's value for a process of this host; undefined where /proc does not tell. */
export function ownerOf(pid: number): string | undefined {
  const here = whereabouts()
  const start = readStat(pid)?.start
  return here && start !== undefined ? [here.host, here.boot, here.space, pid, start].join('/') : undefined
}

/**
 * Whether it is certain that the process has ended. Of another host, or of another PID namespace on this one, nothing
 * is: several hosts may use one engine.
 */
export function hasEnded(label: string): boolean {
  const owner = parse(label)
  const here = whereabouts()
  if (!owner || !here || owner.host !== here.host) return false
  if (owner.boot !== here.boot) return true
  if (owner.space !== here.space) return false
  const start = readStat(owner.pid)?.start
  return start === undefined ? isGone(owner.pid) : start !== owner.start
}

/** Where /proc hides the processes of others (hidepid), a signal still tells. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return errno(error) === 'ESRCH'
  }
}

function parse(label: string): Owner | undefined {
  const found = /^([0-9a-f]{16})\/([0-9a-f-]{36})\/(\d+)\/(\d+)\/(\d+)$/.exec(label)
  if (!found) return undefined
  const [, host = '', boot = '', space = '', pid, start] = found
  return { host, boot, space, pid: Number(pid), start: Number(start) }
}

function whereabouts(): Pick<Owner, 'host' | 'boot' | 'space'> | undefined {
  try {
    // A hash: the machine's ID is not to be shown around. Copies of a machine have one ID, but not one name.
    const machine = `${readFileSync('/etc/machine-id', 'utf8')} ${hostname()}`
    return {
      host: createHash('sha256').update(`docker-bash ${machine}`).digest('hex').slice(0, 16),
      boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      space: readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''),
    }
  } catch {
    return undefined
  }
}
