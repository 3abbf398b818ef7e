import { DockerBashError } from '../../errors'
import type { Request, Target } from '../../model'

/** The runtime found nothing to run at the path it was given. */
export function isMissing(text: string): boolean {
  return (
    /executable file not found|no such file or directory|permission denied|is a directory/i.test(text) &&
    !isAboutFlags(text)
  )
}

function isAboutFlags(text: string): boolean {
  return /chdir (?:to cwd|`)|working directory|unable to find (?:user|group)/i.test(text)
}

/**
 * Why a command did not start, from the runtime's own words.
 * @returns an error with the code a shell would give: 127 not found, 126 not runnable; 125 for our own flags
 */
export function startError(target: Target, request: Request, text: string): DockerBashError {
  const program = request.command[0] ?? 'the shell'
  const { name } = target
  if (/chdir (?:to cwd|`)|working directory/i.test(text)) {
    return new DockerBashError(`there is no folder ${request.workdir ?? 'as its image names it'} in ${name}`, {
      hint: `give one that is there: docker-bash -w / ${name} …`,
    })
  }
  if (/unable to find (?:user|group)/i.test(text)) return noUser(name, request)
  if (/executable file not found|no such file or directory/i.test(text)) return notFound(name, program)
  if (/permission denied|is a directory/i.test(text)) return notRunnable(name, program)
  if (/argument list too long/i.test(text)) {
    return new DockerBashError(`the arguments are longer than ${name}'s system takes`, {
      hint: 'one argument may have 128 KiB: hand it over by standard input',
      code: 126,
    })
  }
  return new DockerBashError(`${program} did not start in ${name}: ${text.trim()}`, {
    hint: `docker-bash explain ${name} shows the other ways in`,
    code: 126,
  })
}

function noUser(container: string, { user }: Request): DockerBashError {
  return new DockerBashError(`there is no user ${user} in ${container}`, {
    hint: 'a number works where there is no such name: -u 1000',
  })
}

export function notFound(container: string, program: string): DockerBashError {
  const folder = program.slice(0, program.lastIndexOf('/')) || '/'
  const hint = program.includes('/')
    ? `look what is there: docker-bash ${container} ls -l ${folder}`
    : `its PATH: docker-bash -c 'echo $PATH' ${container}`
  return new DockerBashError(`there is no ${program || "program named ''"} in ${container}`, { hint, code: 127 })
}

export function notRunnable(container: string, program: string): DockerBashError {
  return new DockerBashError(`${program} in ${container} cannot be run`, {
    hint: `it is no program, or this user may not: docker-bash ${container} ls -l ${program}`,
    code: 126,
  })
}
