import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readProc } from '../proc'

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
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? ''
  return {
    cgroups: cgroupFiles(readProc(pid, 'cgroup') ?? '', readProc(process.pid, 'mountinfo') ?? ''),
    bounding: field('CapBnd'),
    inheritable: field('CapInh'),
    noNewPrivileges: field('NoNewPrivs') === '1',
    umask: field('Umask'),
    oomScore: readProc(pid, 'oom_score_adj')?.trim() ?? '',
    label: labelOf(readProc(pid, 'attr/current') ?? ''),
    limits: readLimits(limits),
    seccomp: field('Seccomp') === '2',
  }
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
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [left = '', right] = line.split(' - ')
    const [type = '', , options = ''] = right?.split(' ') ?? []
    const [, , , root = '', point = ''] = left.split(' ')
    return type === 'cgroup' || type === 'cgroup2' ? [{ type, root, point, options: options.split(',') }] : []
  })
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

const limitNames = [
  ...['cpu time', 'file size', 'data size', 'stack size', 'core file size', 'resident set', 'processes', 'open files'],
  ...['locked memory', 'address space', 'file locks', 'pending signals', 'msgqueue size', 'nice priority'],
  ...['realtime priority', 'realtime timeout'],
]

/** /proc/PID/limits by the kernel's numbers, which are the order of its lines on every machine we know but MIPS. */
export function readLimits(limits: string): string[] {
  return limits.split('\n').flatMap((line) => {
    const [, name = '', soft = '', hard = ''] = /^Max (.+?) {2,}(\S+) +(\S+)/.exec(line) ?? []
    const which = numbers.get(name)
    const value = (text: string) => (text === 'unlimited' ? '18446744073709551615' : text)
    return which === undefined ? [] : [`${which} ${value(soft)} ${value(hard)}`]
  })
}

/** asm-generic/resource.h. */
const numbers = new Map(limitNames.map((name, index) => [name, index]))

function labelOf(text: string): string {
  // "docker-default (enforce)"; a label of SELinux has no mode behind it.
  const label = text
    .replace(/\0/g, '')
    .trim()
    .replace(/ \([a-z]+\)$/, '')
  return label === 'unconfined' ? '' : label
}
