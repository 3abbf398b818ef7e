import { type Engine, refusalOf, statusOf, unreachable } from '../../engine/engine'
import { type ExecState, inspectExec } from '../../engine/exec'
import { DockerBashError } from '../../errors'
import type { Ending, Request, Target } from '../../model'

/** What an engine prints on the command's stdout when the command could not be started. */
export const notStarted = /^(?:OCI runtime exec failed|Error: |unable to upgrade|exec failed)/

/** The runtime found nothing to run at the path it was given. */
export function isMissing(text: string): boolean {
  return (
    /executable file not found|no such file or directory|permission denied|is a directory/i.test(text) &&
    !isAboutFlags(text)
  )
}

function isAboutFlags(text: string): boolean {
  return /chdir to cwd|working directory|unable to find (?:user|group)/i.test(text)
}

/**
 * Why a command did not start, from the runtime's own words.
 * @returns an error with the code a shell would give: 127 not found, 126 not runnable; 125 for our own flags
 */
export function startError(target: Target, request: Request, text: string): DockerBashError {
  const program = request.command[0] ?? 'the shell'
  const { name } = target
  if (/chdir to cwd|working directory/i.test(text)) {
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
  const hint = program.includes('/')
    ? `look for it: docker-bash -c 'command -v …' ${container}`
    : `its PATH: docker-bash -c 'echo $PATH' ${container}`
  return new DockerBashError(`there is no ${program} in ${container}`, { hint, code: 127 })
}

export function notRunnable(container: string, program: string): DockerBashError {
  return new DockerBashError(`${program} in ${container} cannot be run`, {
    hint: `it is no program, or this user may not: docker-bash ${container} ls -l ${program}`,
    code: 126,
  })
}

/** A refusal of the engine itself: the container went or stopped meanwhile, the user is unknown. */
export function refused(engine: Engine, target: Target, request: Request, error: unknown): DockerBashError {
  const status = statusOf(error)
  if (status === undefined) return unreachable(error, engine.endpoint, process.getuid?.() ?? -1)
  const text = refusalOf(error)
  const fail = (message: string, hint: string) => new DockerBashError(message, { hint, cause: error })
  if (/unable to find (?:user|group)|no matching entries/i.test(text)) {
    return fail(
      `there is no user ${request.user} in ${target.name}`,
      'a number works where there is no such name: -u 1000',
    )
  }
  if (status === 404) return fail(`${target.name} is gone`, 'docker-bash ls shows what runs')
  if (status === 409) return notNow(target.name, text)
  if (/invalid argument list|argument list too long/i.test(text)) return startError(target, request, text)
  return fail(
    `the engine refused to start anything in ${target.name}: ${text}`,
    `docker-bash explain ${target.name} shows the other ways in`,
  )
}

/** The container's state changed since it was resolved. */
function notNow(name: string, text: string): DockerBashError {
  if (/is restarting/.test(text)) {
    return new DockerBashError(`${name} is restarting: it keeps ending`, { hint: `docker logs ${name} says why` })
  }
  if (/is paused/.test(text)) {
    return new DockerBashError(`${name} is paused: nothing in it can run`, { hint: `docker unpause ${name}` })
  }
  return new DockerBashError(`${name} is not running any more`, {
    hint: `docker logs ${name} says why; docker start ${name}`,
  })
}

/**
 * How an exec ended, asked until the engine knows: it ends the stream a moment before it notes the code.
 * @param broken why the stream ended, when it was not the engine that ended it
 */
export async function endingOf(engine: Engine, exec: string, broken: string | undefined): Promise<Ending> {
  const deadline = Date.now() + 2000
  try {
    for (let wait = 2; ; wait = Math.min(wait * 2, 100)) {
      const state: ExecState = await inspectExec(engine, exec)
      if (!state.running)
        return state.code === undefined ? { lost: 'the engine does not know how it ended' } : { code: state.code }
      if (Date.now() > deadline) return { lost: broken ?? 'the engine ended the stream while the command runs' }
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  } catch (error) {
    if (statusOf(error) === 404) return { lost: 'the engine was restarted and has forgotten the command' }
    return { lost: broken ?? `the engine went away: ${refusalOf(error)}` }
  }
}
