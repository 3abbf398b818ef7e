import { environmentOf, type ProcessSpec, readProcessSpec } from '../../host/environment'
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
 */
export function processSpec(
  target: Target,
  request: Request,
  runtime: Runtime,
  words: readonly string[],
  size: ConsoleSize | undefined,
): object {
  const process = readProcessSpec(runtime)
  const user = request.user || target.user
  return {
    ...process,
    terminal: request.tty,
    consoleSize: request.tty && size ? { height: size.rows, width: size.columns } : undefined,
    args: words,
    env: environmentOf(process, target, request),
    cwd: request.workdir || target.workdir || '/',
    user: user ? userOf(user, target, process.user) : process.user,
  }
}

function userOf(user: string, target: Target, own: ProcessSpec['user']): ProcessSpec['user'] {
  const { uid, gid, groups } = readUser(user, target)
  // Engines since 20.10.18 list the group itself among the additional ones (CVE-2022-36109); this one shows whether it does.
  const listsOwn = own.additionalGids?.includes(own.gid) === true
  return { uid, gid, additionalGids: listsOwn ? [gid, ...groups] : groups }
}
