import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readLimits } from '../host/limits'
import { readProc } from '../host/proc'

/** What a process is held by, as far as another can be held by it too. */
export interface Confinement {
  /** The `cgroup.procs` files to be written to, one a hierarchy. */
  readonly cgroups: readonly string[]
  /** Capabilities as /proc shows them: hexadecimal. */
  readonly bounding: string
  readonly inheritable: string
  readonly noNewPrivileges: boolean
  /** Octal; empty when the kernel does not tell. */
  readonly umask: string
  readonly oomScore: string
  /** AppArmor profile or SELinux label; empty for none. */
  readonly label: string
  /** `WHICH SOFT HARD`, by the kernel's numbers. */
  readonly limits: readonly string[]
  /** It has a seccomp filter: the one thing that cannot be handed on. */
  readonly seccomp: boolean
}

/** @returns undefined when there is no such process, or it is not ours to look at */
export function readConfinement(pid: number): Confinement | undefined {
  const status = readProc(pid, 'status')
  const limits = readProc(pid, 'limits')
  if (status === undefined || limits === undefined) return undefined
  const files = (name: string) => readProc(pid, name) ?? ''
  const cgroups = cgroupFiles(files('cgroup'), readProc(process.pid, 'mountinfo') ?? '')
  return confinementOf({ status, limits, oomScore: files('oom_score_adj'), label: files('attr/current') }, cgroups)
}

/** The texts of a process's files in /proc. */
export interface ProcTexts {
  readonly status: string
  readonly limits: string
  readonly oomScore: string
  readonly label: string
}

export function confinementOf(texts: ProcTexts, cgroups: readonly string[]): Confinement {
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(texts.status)?.[1] ?? ''
  return {
    cgroups,
    bounding: field('CapBnd'),
    inheritable: field('CapInh'),
    noNewPrivileges: field('NoNewPrivs') === '1',
    umask: field('Umask'),
    oomScore: texts.oomScore.trim(),
    label: labelOf(texts.label),
    limits: readLimits(texts.limits).map(({ number, soft, hard }) => `${number} ${soft} ${hard}`),
    seccomp: hasSeccomp(texts.status),
  }
}

/** @param status the text of /proc/PID/status */
export function hasSeccomp(status: string): boolean {
  return /^Seccomp:\s*2$/m.test(status)
}

/**
 * The files by which a process is moved into the control groups that /proc/PID/cgroup names, in every hierarchy that
 * is mounted here.
 */
export function cgroupFiles(
  cgroup: string,
  mountinfo: string,
  exists: (path: string) => boolean = existsSync,
): string[] {
  const mounts = cgroupMounts(mountinfo)
  return cgroup.split('\n').flatMap((line) => {
    const [, number, controllers = '', path = ''] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    if (number === undefined) return []
    const names = controllers.split(',')
    const mount = mounts.find(({ type, options }) =>
      controllers === '' ? type === 'cgroup2' : type === 'cgroup' && names.every((name) => options.includes(name)),
    )
    if (!mount) return []
    const below = mount.root === '/' ? path : path.startsWith(mount.root) ? path.slice(mount.root.length) : undefined
    if (below === undefined) return []
    const file = join(mount.point, below, 'cgroup.procs')
    return exists(file) ? [file] : []
  })
}

/** The mounted hierarchies, but for those that a later mount lies over. */
function cgroupMounts(mountinfo: string) {
  const mounts = mountinfo.split('\n').map((line) => {
    const [left = '', right] = line.split(' - ')
    const [type = '', , options = ''] = right?.split(' ') ?? []
    const [, , , root = '', point = ''] = left.split(' ')
    return { type, root, point, options: options.split(',') }
  })
  const covers = (upper: string, lower: string) => upper === lower || (upper !== '' && lower.startsWith(`${upper}/`))
  return mounts.filter(
    ({ type, point }, index) =>
      /^cgroup2?$/.test(type) && !mounts.slice(index + 1).some((later) => covers(later.point, point)),
  )
}

function labelOf(text: string): string {
  // "docker-default (enforce)"; a label of SELinux has no mode behind it.
  const label = text
    .replace(/\0/g, '')
    .trim()
    .replace(/ \([a-z]+\)$/, '')
  return label === 'unconfined' ? '' : label
}
