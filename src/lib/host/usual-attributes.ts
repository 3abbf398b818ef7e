import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readProc } from './proc'

/** Of a process, what a child has from it and no file of an OCI runtime sets. */
interface Attributes {
  readonly nice: number
  readonly policy: number
  readonly cpus: string
  readonly personality: number
  readonly noNewPrivileges: boolean
}

/** Where the programs of util-linux and coreutils are that change them. */
const folders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/**
 * Words to put in front of a program that is to start something inside: it gets the priority, scheduler, processors and
 * personality of another process (a container's supervisor), whatever our shell, unit or cron has set for us. In the
 * usual case there are none. What a program is missing for stays as it is.
 * @param like its PID; without it, those of a service that sets none
 */
export function asUsual(like?: number): string[] {
  const own = ownAttributes()
  const other = like === undefined ? ordinary() : attributesOf(like)
  if (!own || !other) return []
  const words: string[][] = []
  if (own.policy !== other.policy && other.policy === 0) words.push(['chrt', '--other', '0'])
  if (own.nice !== other.nice) words.push(['nice', '-n', String(other.nice - own.nice)])
  if (own.cpus !== other.cpus) words.push(['taskset', '--cpu-list', other.cpus])
  if (own.personality !== other.personality && other.personality === 0) words.push(['setarch', 'linux64'])
  return words.flatMap(([program = '', ...rest]) => {
    const path = folders.map((folder) => join(folder, program)).find((one) => existsSync(one))
    return path === undefined ? [] : [path, ...rest]
  })
}

let known: Attributes | undefined

/** Ours, read once. They are read while an engine is waited for, which costs nobody anything. */
export function ownAttributes(): Attributes | undefined {
  known ??= attributesOf('self')
  return known
}

function ordinary(): Attributes | undefined {
  const first = attributesOf(1)
  return first && { ...first, nice: 0, policy: 0, personality: 0 }
}

function attributesOf(pid: number | 'self'): Attributes | undefined {
  const read = (file: string) => readProc(pid, file)
  const stat = read('stat')
  const status = read('status')
  if (stat === undefined || status === undefined) return undefined
  // The name in parentheses may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    nice: Number(fields[16]),
    policy: Number(fields[38]),
    cpus: /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '',
    personality: Number.parseInt(read('personality') ?? '0', 16),
    noNewPrivileges: /^NoNewPrivs:\s*1$/m.test(status),
  }
}

/** Why a way is refused then. */
export const noNewPrivileges = 'no_new_privs is set here, and what is started from here would have it too'

/** Whether nothing that we start can gain privileges, by setuid or file capabilities: it cannot be undone. */
export function hasNoNewPrivileges(): boolean {
  return ownAttributes()?.noNewPrivileges === true
}
