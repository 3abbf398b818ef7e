import { constants } from 'node:os'
import type { Engine } from '../../engine/engine'
import { Ended, NotBegun } from '../../errors'
import type { Probed, Request } from '../../model'
import { WayError } from '../../namespaces/protocol'

/** Linux's: a loader that is none. Node has no name for it. */
const ELIBBAD = 80
const { E2BIG, EACCES, EISDIR, ELOOP, ENOENT, ENOEXEC, ENOTDIR } = constants.errno

/**
 * Why nothing was started, in the user's terms.
 * @param engine whose word is taken for what cannot be seen from here
 */
export async function wayFailure(
  error: unknown,
  target: Probed,
  request: Request,
  words: readonly string[],
  engine?: Engine,
): Promise<unknown> {
  if (!(error instanceof WayError)) return error
  const { step, errno } = error
  const program = words[0] ?? ''
  if (step === 'exec' && [ENOENT, ENOTDIR, ELOOP, EACCES, EISDIR, ENOEXEC, ELIBBAD].includes(errno)) {
    const { notRun } = await import('./not-run')
    return notRun(target, request, program, [ENOENT, ENOTDIR, ELOOP].includes(errno) ? 127 : 126, engine)
  }
  const { noFolder, startError } = await import('./start-errors')
  if (step === 'exec' && errno === E2BIG) return startError(target, request, 'argument list too long')
  if (step === 'cwd') return noFolder(target.name, request.workdir, errno === EACCES)
  if (step === 'gone') return new Ended(target.name, error)
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? errno
  return new NotBegun(`${target.name} could not be entered by its namespaces: ${step}: ${name}`, {
    hint: `docker-bash explain ${target.name} shows the other ways in`,
    cause: error,
  })
}
