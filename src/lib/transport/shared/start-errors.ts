import { DockerBashError, NotBegun } from '../../errors'
import { userErrorOf } from '../../host/user-errors'
import { knownShells, type Probed, type Request } from '../../model'
import { quote } from '../../text/quote'
import { mostWords, readFailure } from './start-failure'

/** What was to be run: the first of the words, or the shell. */
export function programOf(target: Pick<Probed, 'shells'>, { command, script }: Request): string {
  return (script === undefined ? command[0] : undefined) ?? knownShells(target)[0] ?? 'the shell'
}

/**
 * Why a command did not start, from the runtime's own words.
 * @returns an error with the code a shell would give: 127 not found, 126 not runnable; 125 for our own flags; NotBegun
 * where the reason is not the command
 */
export function startError(target: Probed, request: Request, text: string): DockerBashError {
  const program = programOf(target, request)
  const { name } = target
  switch (readFailure(text, program)) {
    case 'folder':
      return noFolder(name, request.workdir, /permission denied/i.test(text))
    case 'user':
      return userErrorOf(text, name, request.user || target.user) ?? unknownStart(name, program, text)
    case 'program':
      return notFound(name, program)
    case 'denied':
    case 'format':
      return notRunnable(name, program)
    case 'arguments':
      return new DockerBashError(`the arguments are longer than ${name}'s system takes`, {
        hint: 'one argument may have 128 KiB: hand it over by standard input',
        code: 126,
      })
    case 'other':
      return unknownStart(name, program, text)
  }
}

function unknownStart(name: string, program: string, text: string): NotBegun {
  return new NotBegun(`${program} did not start in ${name}: ${reasonIn(text)}`, {
    hint: `docker-bash explain ${name} shows the other ways in`,
    code: 126,
  })
}

/** @param isClosed it is there, and the user may not enter it */
export function noFolder(container: string, folder: string | undefined, isClosed = false): DockerBashError {
  const what = folder ?? 'as its image names it'
  return isClosed
    ? new DockerBashError(`the folder ${what} in ${container} may not be entered by this user`, {
        hint: `give another, or another user: docker-bash -w / ${container} …`,
      })
    : new DockerBashError(`there is no folder ${what} in ${container}`, {
        hint: `give one that is there: docker-bash -w / ${container} …`,
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
    hint: `it is not a program, or this user may not run it: docker-bash ${container} ls -l ${program}`,
    code: 126,
  })
}

/** A runtime's words without what it and the engine say of every failure. */
function reasonIn(text: string): string {
  const reason = text
    .slice(0, mostWords)
    .trim()
    .replace(/^(?:OCI runtime exec failed: )?(?:exec failed: )?(?:unable to start container process: )?/, '')
    .replace(/: unknown$/, '')
  const isProc = /open \/proc\/self\/[^: ]*: no such file or directory/.test(reason)
  return isProc ? `its runtime needs /proc, and there is none in it (${reason})` : reason
}
