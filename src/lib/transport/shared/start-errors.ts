import { DockerBashError } from '../../errors'
import { userErrorOf } from '../../host/user-errors'
import type { Request, Target } from '../../model'
import { quote } from '../../text/quote'

/** The runtime found nothing to run at the path it was given. */
export function isMissing(text: string): boolean {
  return (
    /executable file not found|no such file or directory|not a directory|permission denied|is a directory/i.test(
      text,
    ) && !isAboutFlags(text)
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
  const user = userErrorOf(text, name, request.user || target.user)
  if (user) return user
  if (/executable file not found|no such file or directory|not a directory/i.test(text)) return notFound(name, program)
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

export function notFound(container: string, program: string): DockerBashError {
  return new DockerBashError(`there is no ${program || "program named ''"} in ${container}`, {
    hint: whereInstead(container, program),
    code: 127,
  })
}

/** What shells have built in, as far as people try to run it by itself. */
const builtins = new Set(
  '. : alias bg break cd command continue declare eval exec exit export fg hash history if for jobs let local read readonly return set shift source times trap type ulimit umask unalias unset wait while {'.split(
    ' ',
  ),
)

function whereInstead(container: string, program: string): string {
  if (program === '--')
    return `behind TARGET all words are the command's, and none is needed: docker-bash ${container} ls`
  // One word that is a whole line.
  if (/\s|[|;&<>]/.test(program)) return `a line is for a shell: docker-bash -c ${quote(program)} ${container}`
  if (builtins.has(program)) return `a shell has it built in: docker-bash -c '${program} …' ${container}`
  const folder = program.slice(0, program.lastIndexOf('/')) || '/'
  return program.includes('/')
    ? `look what is there: docker-bash ${container} ls -l ${folder}`
    : `its PATH: docker-bash -c 'echo $PATH' ${container}`
}

export function notRunnable(container: string, program: string): DockerBashError {
  return new DockerBashError(`${program} in ${container} cannot be run`, {
    hint: `it is no program, or this user may not: docker-bash ${container} ls -l ${program}`,
    code: 126,
  })
}
