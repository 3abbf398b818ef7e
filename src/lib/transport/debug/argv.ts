import type { Request } from '../../model'
import { nameOf } from '../../text/env-entries'
import type { DebugDeps } from './deps'

/**
 * What the toolbox's shell is asked to do. Not a login shell: /etc/profile is the target's, and would change PATH.
 * @param shell its path in the target @param before what runs them
 */
export function toolWords(request: Request, shell: string, before: DebugDeps['before']): readonly string[] {
  const { script, command } = request
  const own = script !== undefined ? [shell, '-c', script, 'sh', ...command] : command.length > 0 ? command : [shell]
  return before ? before(own, shell) : own
}

/**
 * The target's environment with the tools before its own programs, which may be anybody's. What would load the
 * target's code into them is left out.
 */
export function toolEnv(
  env: readonly string[],
  tools: readonly string[],
  name: string,
  { command, script }: Request,
): string[] {
  const own = env.find((entry) => nameOf(entry) === 'PATH')?.slice('PATH='.length)
  const isShell = script === undefined && command.length === 0
  const left = ['PATH', 'ENV', 'BASH_ENV', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'LD_AUDIT', ...(isShell ? ['PS1'] : [])]
  return [
    ...env.filter((entry) => !left.includes(nameOf(entry))),
    `PATH=${[...tools, own || '/usr/sbin:/usr/bin:/sbin:/bin'].join(':')}`,
    ...(isShell ? [`PS1=${name} \\w \\$ `] : []),
  ]
}
