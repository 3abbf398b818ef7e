import { environmentOf, type ProcessSpec, readProcessSpec } from '../../host/environment'
import { digitsOf, type Limit, linesOnlyIn, mayRaise, readLimits } from '../../host/limits'
import { readProc, supervisorOf } from '../../host/proc'
import { readUser } from '../../host/users'
import type { Request, Runtime, Target } from '../../model'

export interface ConsoleSize {
  readonly columns: number
  readonly rows: number
}

/**
 * The process that the engine's exec would have asked its runtime for: the container's own, with capabilities,
 * seccomp, LSM, limits and no_new_privs as they stand there, and the command, user, folder and environment put in by
 * the engine's rules (moby's `ContainerExecStart` and `CreateDaemonEnvironment`).
 * @returns JSON
 */
export function processSpec(
  target: Target,
  request: Request,
  runtime: Runtime,
  words: readonly string[],
  size: ConsoleSize | undefined,
): string {
  const { rlimits, ...process } = readProcessSpec(runtime, target.name)
  const user = request.user || target.user
  const asked = {
    ...process,
    terminal: request.tty,
    consoleSize: request.tty && size ? { height: size.rows, width: size.columns } : undefined,
    args: words,
    env: environmentOf(process, target, request),
    cwd: request.workdir || target.workdir || '/',
    user: user ? userOf(user, target, process.user) : process.user,
  }
  return `{"rlimits":[${limitsOf(rlimits, target).join(',')}],${JSON.stringify(asked).slice(1)}`
}

function within(limit: Limit, most: string): Limit {
  const least = (value: string) => (BigInt(value) < BigInt(most) ? value : most)
  return { ...limit, soft: least(limit.soft), hard: least(limit.hard) }
}

/**
 * The container's own limits, and those of its supervisor where ours are others: the runtime hands on what it has. As
 * text, because numbers of 64 bits cannot be written otherwise.
 */
function limitsOf(own: ProcessSpec['rlimits'], { pid }: Target): string[] {
  const given = (own ?? []).map(({ type, soft, hard }) => ({ type, soft: digitsOf(soft), hard: digitsOf(hard) }))
  const ours = readProc('self', 'limits') ?? ''
  const theirs = readProc(supervisorOf(pid) ?? 0, 'limits') ?? ''
  // Few, or none: nothing else is parsed.
  const other = readLimits(linesOnlyIn(ours, theirs))
  const usual = readLimits(linesOnlyIn(theirs, ours)).flatMap((limit) => {
    const our = other.find(({ type }) => type === limit.type)
    const isGiven = given.some(({ type }) => type === limit.type)
    return isGiven || !our ? [] : [mayRaise() ? limit : within(limit, our.hard)]
  })
  return [...given, ...usual].map(
    ({ type, soft, hard }) => `{"type":${JSON.stringify(type)},"soft":${soft},"hard":${hard}}`,
  )
}

function userOf(user: string, target: Target, own: ProcessSpec['user']): ProcessSpec['user'] {
  const { uid, gid, groups } = readUser(user, target)
  // Engines since 20.10.18 list the group itself among the additional ones (CVE-2022-36109); this one shows whether it does.
  const listsOwn = own.additionalGids?.includes(own.gid) === true
  return { uid, gid, additionalGids: listsOwn ? [gid, ...groups] : groups }
}
