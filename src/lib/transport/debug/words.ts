import { nameOf } from '../../host/environment'
import type { Request } from '../../model'

/** What the toolbox's shell is asked to do. Not a login shell: /etc/profile is the target's, and would change PATH. */
export function toolWords(request: Request, tools: string): readonly string[] {
  if (request.script !== undefined) return [`${tools}/sh`, '-c', request.script, 'sh', ...request.command]
  return request.command.length > 0 ? request.command : [`${tools}/sh`]
}

/** The target's environment with the tools before its own programs, which may be anybody's. */
export function toolEnv(env: readonly string[], tools: readonly string[], name: string): string[] {
  const own = env.find((entry) => nameOf(entry) === 'PATH')?.slice('PATH='.length)
  const rest = env.filter((entry) => !['PATH', 'PS1', 'ENV', 'LD_PRELOAD', 'LD_LIBRARY_PATH'].includes(nameOf(entry)))
  return [...rest, `PATH=${[...tools, own || '/usr/sbin:/usr/bin:/sbin:/bin'].join(':')}`, `PS1=${name} \\w \\$ `]
}
