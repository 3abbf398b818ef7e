import { DockerBashError } from '../errors'
import { knownShells, type Probed, type Request, type Target } from '../model'
import { mergedEnv, nameOf, usualPath } from '../text/env-entries'

/**
 * The argv that a request comes down to: its own words, its script run by the container's shell, or a login shell.
 * @throws DockerBashError when a shell is needed and the target has none
 */
export function wordsOf(target: Probed, request: Request): readonly string[] {
  if (request.script === undefined && request.command.length > 0) {
    requirePath(target, request)
    return request.command
  }
  const [shell] = knownShells(target)
  if (shell === undefined) {
    throw new DockerBashError(`${target.name} has no shell`, {
      hint: `bring one along: docker-bash debug ${target.name}; or name a program: docker-bash ${target.name} /path/to/it`,
    })
  }
  if (request.script !== undefined) return [shell, '-c', request.script, shell, ...request.command]
  return [shell, '-l']
}

/** Where there is no PATH a name leads nowhere, as for the engine's exec: shells and execvp(3) have one of their own. */
function requirePath({ name, env }: Target, { command: [program = ''], env: asked }: Request): void {
  if (program === '' || program.includes('/')) return
  const path = mergedEnv([usualPath, ...env], asked).find((entry) => nameOf(entry) === 'PATH')
  if (path !== undefined && path !== 'PATH=') return
  throw new DockerBashError(`there is no ${program} in ${name}: without a PATH nothing is looked for`, {
    hint: `name it by its path: docker-bash ${name} /bin/${program}`,
    code: 127,
  })
}

/** Whether a shell has to be found before this request can be answered. */
export function needsShell(request: Pick<Request, 'command' | 'script'>): boolean {
  return request.script !== undefined || request.command.length === 0
}
