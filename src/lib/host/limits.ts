import { readProc } from './proc'

/** The limits of a process as /proc/PID/limits has them, which setrlimit(2) and OCI runtimes take. */
export interface Limit {
  /** As the kernel numbers it on every machine we know but MIPS: asm-generic/resource.h. */
  readonly number: number
  /** As OCI runtimes call it: `RLIMIT_NOFILE`. */
  readonly type: string
  /** In decimal digits, since they are of 64 bits; so is the next. */
  readonly soft: string
  readonly hard: string
}

/** RLIM_INFINITY. */
const unlimited = '18446744073709551615'

/** What the kernel prints behind `Max`, and what programs call it, by number. */
const kinds = [
  ['cpu time', 'CPU'],
  ['file size', 'FSIZE'],
  ['data size', 'DATA'],
  ['stack size', 'STACK'],
  ['core file size', 'CORE'],
  ['resident set', 'RSS'],
  ['processes', 'NPROC'],
  ['open files', 'NOFILE'],
  ['locked memory', 'MEMLOCK'],
  ['address space', 'AS'],
  ['file locks', 'LOCKS'],
  ['pending signals', 'SIGPENDING'],
  ['msgqueue size', 'MSGQUEUE'],
  ['nice priority', 'NICE'],
  ['realtime priority', 'RTPRIO'],
  ['realtime timeout', 'RTTIME'],
] as const

/** @param text of /proc/PID/limits, in columns of 25, 20 and 20 */
export function readLimits(text: string): Limit[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', soft = '', hard = ''] = [4, 26, 47].map((from, at) =>
      line.slice(from, at ? from + 20 : 25).trim(),
    )
    const number = kinds.findIndex(([printed]) => printed === name)
    const value = (printed: string) => (printed === 'unlimited' ? unlimited : printed)
    return number < 0 ? [] : [{ number, type: `RLIMIT_${kinds[number]?.[1]}`, soft: value(soft), hard: value(hard) }]
  })
}

/** Of two texts of /proc/PID/limits: the lines of the first that the second has otherwise. */
export function linesOnlyIn(text: string, other: string): string {
  const known = new Set(other.split('\n'))
  return text
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')
}

/** CAP_SYS_RESOURCE: root in a container has none, as a rule. */
export function mayRaise(): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readProc('self', 'status') ?? '')?.[1] ?? '0'
  return (BigInt(`0x${effective}`) & (1n << 24n)) !== 0n
}

/** A number of JSON that was of 64 bits, and rounded when it was read. */
export function digitsOf(value: number): string {
  // 2^64 and 2^63: what is meant is one less, as unlimited and as the largest that is signed.
  if (value >= 2 ** 64) return unlimited
  if (value >= 2 ** 63) return '9223372036854775807'
  return String(value)
}
