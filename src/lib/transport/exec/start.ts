import { monotonic } from '../../clock'
import { type Engine, refusalOf, statusOf, unreachable } from '../../engine/engine'
import { type ExecState, inspectExec } from '../../engine/exec'
import { cutOff } from '../../engine/frames'
import { DockerBashError, NotBegun } from '../../errors'
import { userErrorOf } from '../../host/user-errors'
import type { Ending, Probed, Request } from '../../model'

/** What an engine prints on the command's stdout when the command could not be started. */
export const notStarted = /^(?:OCI runtime exec failed|Error: |unable to upgrade|exec failed)/

/** The code that an engine notes when it could not attach us, or lost us: the command may run on. */
export const attachFailed = 126

/** The ending of a session that was left by its detach keys. */
export const detached = 'its detach keys were typed'

/** A refusal of the engine itself: the container went or stopped meanwhile, the user is unknown. */
export async function refused(engine: Engine, target: Probed, request: Request, error: unknown): Promise<unknown> {
  const status = statusOf(error)
  if (status === undefined) return unreachable(error, engine.endpoint, process.getuid?.() ?? -1)
  const text = refusalOf(error)
  const fail = (message: string, hint: string) => new DockerBashError(message, { hint, cause: error })
  const user = userErrorOf(text, target.name, request.user || target.user)
  if (user) return user
  if (status === 404) return fail(`${target.name} is gone`, 'docker-bash ls shows what runs')
  if (status === 409) return notNow(target.name, text)
  if (/invalid argument list|argument list too long/i.test(text)) {
    return (await import('../shared/start-errors')).startError(target, request, text)
  }
  return new NotBegun(`the engine refused to start anything in ${target.name}: ${text}`, {
    hint: `docker-bash explain ${target.name} shows the other ways in`,
    cause: error,
  })
}

/** The container's state changed since it was resolved. */
function notNow(name: string, text: string): DockerBashError {
  if (/is restarting/.test(text)) {
    return new DockerBashError(`${name} is restarting: it keeps ending`, {
      hint: `docker logs ${name} says why, or look around in a copy of it: docker-bash debug ${name}`,
    })
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
 * @param mayDetach there are keys that leave the session: then the engine ends the stream, and what becomes of the command is
 * its business (newer ones let it go on)
 */
export async function endingOf(
  engine: Engine,
  exec: string,
  broken: string | undefined,
  mayDetach: boolean,
): Promise<Ending> {
  // However it ended, not all of its output is here.
  if (broken === cutOff) return { lost: broken }
  const deadline = monotonic() + 2000
  try {
    for (let wait = 2; ; wait = Math.min(wait * 2, 100)) {
      const state: ExecState = await inspectExec(engine, exec)
      const late = monotonic() > deadline
      // Docker 20.10 notes a session that was left as ended with 126; newer engines, as running.
      if (mayDetach && broken === undefined && (state.code === attachFailed || (state.running && late)))
        return { lost: detached }
      // What an engine notes of a command whose client went.
      if (broken !== undefined && state.code === attachFailed) return { lost: broken }
      if (!state.running)
        return state.code === undefined ? { lost: 'the engine does not know how it ended' } : { code: state.code }
      if (late) return { lost: broken ?? 'the engine ended the stream while the command runs' }
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  } catch (error) {
    if (statusOf(error) === 404) return { lost: 'the engine was restarted and has forgotten the command' }
    return { lost: broken ?? `the engine went away: ${refusalOf(error)}` }
  }
}
