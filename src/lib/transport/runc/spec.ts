import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ContainerRoot } from '../../host/root'
import { resolveUser } from '../../host/users'
import type { Request, Runtime, Target } from '../../model'

/** The `process` of an OCI runtime's config.json, as far as it is touched here; the rest is handed on as it is. */
interface ProcessSpec {
  readonly terminal?: boolean
  readonly user: { readonly uid: number; readonly gid: number; readonly additionalGids?: readonly number[] }
  readonly env?: readonly string[]
  readonly [other: string]: unknown
}

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
  const { process } = readConfig(runtime)
  const user = request.user || target.user
  return {
    ...process,
    terminal: request.tty,
    consoleSize: request.tty && size ? { height: size.rows, width: size.columns } : undefined,
    args: words,
    env: environment(process, target, request),
    cwd: request.workdir || target.workdir || '/',
    user: user ? userOf(user, target, process.user) : process.user,
  }
}

function readConfig(runtime: Runtime): { process: ProcessSpec } {
  return JSON.parse(readFileSync(join(runtime.bundle, 'config.json'), 'utf8')) as { process: ProcessSpec }
}

function environment({ env = [], terminal }: ProcessSpec, target: Target, request: Request): string[] {
  const own = new Map(env.map((entry) => [nameOf(entry), entry]))
  // The engine's word for a terminal, not the image's: it follows the session, not the container.
  const isGiven = target.env.some((entry) => nameOf(entry) === 'TERM')
  if (terminal && !isGiven) own.delete('TERM')
  if (request.tty && !own.has('TERM')) own.set('TERM', 'TERM=xterm')
  for (const entry of request.env) own.set(nameOf(entry), entry)
  return [...own.values()]
}

function userOf(user: string, target: Target, own: ProcessSpec['user']): ProcessSpec['user'] {
  const root = new ContainerRoot(target.pid)
  const file = (path: string) => root.read(path, 1024 * 1024)?.toString() ?? ''
  const files = { passwd: file('/etc/passwd'), group: file('/etc/group') }
  const { uid, gid, groups } = resolveUser(user, files, target.groupAdd ?? [], target.name)
  // Engines since 20.10.18 list the group itself among the additional ones (CVE-2022-36109); this one shows whether it does.
  const listsOwn = own.additionalGids?.includes(own.gid) === true
  return { uid, gid, additionalGids: listsOwn ? [gid, ...groups] : groups }
}

function nameOf(entry: string): string {
  const equals = entry.indexOf('=')
  return equals < 0 ? entry : entry.slice(0, equals)
}
