import { constants } from 'node:os'
import { DockerBashError } from '../../errors'
import type { Request, Target } from '../../model'
import { WayError } from '../../namespaces/protocol'
import { notFound, notRunnable, startError } from './start-errors'

const { E2BIG, EACCES, EISDIR, ELOOP, ENOENT, ENOEXEC, ENOTDIR } = constants.errno

/** Why nothing was started, in the user's terms. */
export function wayFailure(error: unknown, target: Target, request: Request, words: readonly string[]): unknown {
  if (!(error instanceof WayError)) return error
  const { step, errno } = error
  const program = words[0] ?? ''
  if (step === 'exec' && [ENOENT, ENOTDIR, ELOOP].includes(errno)) return notFound(target.name, program)
  if (step === 'exec' && [EACCES, EISDIR, ENOEXEC].includes(errno)) return notRunnable(target.name, program)
  if (step === 'exec' && errno === E2BIG) return startError(target, request, 'argument list too long')
  if (step === 'cwd') return startError(target, request, 'chdir to cwd')
  if (step === 'gone') {
    return new DockerBashError(`${target.name} ended or was restarted meanwhile`, {
      hint: `try again: docker-bash ${target.name}`,
    })
  }
  const name = Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? errno
  return new DockerBashError(`${target.name} could not be entered by its namespaces: ${step}: ${name}`, {
    hint: `docker-bash explain ${target.name} shows the other ways in`,
    cause: error,
  })
}
