import type { Engine } from '../../engine/engine'
import { DockerBashError } from '../../errors'
import type { Blocked } from '../../inside/barrier'
import type { Probed, Request } from '../../model'
import { quote } from '../../text/quote'
import type { Obstacle } from './obstacle'
import { obstacleIn } from './program-files'
import { notFound, notRunnable, programOf, startError } from './start-errors'
import { readFailure } from './start-failure'

/**
 * Why a command that was found was not run.
 * @param code what it comes to where nothing is to be seen: 127 for ENOENT, else 126
 */
export async function notRun(
  target: Probed,
  request: Request,
  program: string,
  code: 126 | 127,
  engine?: Engine,
): Promise<DockerBashError> {
  const obstacle = await obstacleIn(target, request, program, engine)
  if (obstacle) return blocked(target.name, program, obstacle)
  return code === 127 ? notFound(target.name, program) : notRunnable(target.name, program)
}

/** Why a command did not start, from the words of a runtime or an engine, and from the file if they are about that. */
export async function notStarted(
  target: Probed,
  request: Request,
  text: string,
  engine?: Engine,
): Promise<DockerBashError> {
  const program = programOf(target, request)
  const kind = readFailure(text, program)
  const isAboutFile = kind === 'program' || kind === 'denied' || kind === 'format'
  return isAboutFile
    ? notRun(target, request, program, kind === 'program' ? 127 : 126, engine)
    : startError(target, request, text)
}

/** The error of what is seen to keep the kernel from running the command; undefined when nothing is. */
export async function whyBlocked(target: Probed, request: Request): Promise<DockerBashError | undefined> {
  const program = programOf(target, request)
  const obstacle = await obstacleIn(target, request, program)
  return obstacle && blocked(target.name, program, obstacle)
}

/** The same of a barrier that could not become the command: in its own words, or its shell's. */
export async function notBecome(
  target: Probed,
  request: Request,
  program: string,
  { code, why }: Blocked,
  engine?: Engine,
): Promise<DockerBashError> {
  const obstacle = readObstacle(why)
  return obstacle ? blocked(target.name, program, obstacle) : notRun(target, request, program, code, engine)
}

/** The error of an obstacle: 127 where an interpreter is not there, as the engine has it for ENOENT, else 126. */
export function blocked(container: string, program: string, obstacle: Obstacle): DockerBashError {
  const { why } = obstacle
  const fail = (because: string, hint: string) =>
    new DockerBashError(`${program} in ${container} cannot be run: ${because}`, {
      hint,
      code: why === 'gone' ? 127 : 126,
    })
  const word = quote(program)
  switch (why) {
    case 'gone':
    case 'closed':
      return fail(
        `its interpreter ${obstacle.interpreter} ${why === 'gone' ? 'is not there' : 'may not be run'}`,
        whereFrom(container, word, obstacle.interpreter),
      )
    case 'loop':
      return fail('its interpreters are more than five scripts deep', `docker-bash ${container} head -n 1 ${word}`)
    case 'empty':
      return fail('exec format error: it is empty', `docker-bash ${container} ls -l ${word}`)
    case 'script':
      return fail(
        'exec format error: it is a script without #! and an interpreter in its first line',
        `name the interpreter: docker-bash ${container} sh ${word}`,
      )
    case 'broken':
      return fail(
        'exec format error: its ELF header is broken',
        `copy it again; docker-bash ${container} ls -l ${word}`,
      )
    case 'machine':
      return fail('exec format error: it is for another kind of processor', 'get it for the one of the engine’s host')
    case 'data':
      return fail('exec format error: it is not a program', `docker-bash ${container} ls -l ${word}`)
  }
}

function whereFrom(container: string, word: string, interpreter: string): string {
  if (interpreter.endsWith('\r')) {
    return `its lines end with a carriage return; take them away: docker-bash ${container} sed -i 's/\\r$//' ${word}`
  }
  if (/\/ld[^/]*$/.test(interpreter)) return 'it was built for another C library: get the one for this image'
  return `install it, or name another in the first line: docker-bash ${container} head -n 1 ${word}`
}

/** An obstacle in the words of the barrier: `gone /nosuch/sh`. @returns undefined for other words */
function readObstacle(text: string): Obstacle | undefined {
  const [why = '', ...rest] = text.split(' ')
  if (why === 'gone' || why === 'closed') return { why, interpreter: rest.join(' ') }
  return why === 'loop' || why === 'empty' || why === 'script' || why === 'broken' ? { why } : undefined
}
