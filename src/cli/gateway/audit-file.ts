import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { DockerBashError, messageOf } from '../../lib/errors'
import { requireTrust } from '../../lib/files/trusted'
import { type Audit, auditLine } from '../../lib/gateway/audit'
import { say } from '../output/errors'

/** On stderr, for a journal. */
export const auditToStderr: Audit = (told) => {
  try {
    writeSync(2, auditLine(told))
  } catch {
    // Nobody reads it: who is in stays in.
  }
}

/**
 * To a file that is appended to, 0600 if it is made. It is opened for each line, so that it may be moved away
 * (logrotate); a line that cannot be written is said, and keeps nobody out.
 * @throws DockerBashError when it is not ours to write
 */
export function auditToFile(name: string): Audit {
  const path = resolve(name)
  requireTrust(path, '--audit')
  append(path, '')
  return (told) => {
    try {
      append(path, auditLine(told))
    } catch (error) {
      say(`a line of the audit is lost: ${messageOf(error)}`)
    }
  }
}

function append(path: string, line: string): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  let file: number | undefined
  try {
    file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
    if (!fstatSync(file).isFile()) throw new Error('it is not a regular file')
    if (line !== '') writeSync(file, line)
  } catch (error) {
    throw new DockerBashError(`cannot append to ${path}: ${messageOf(error)}`, {
      hint: 'name another file: --audit FILE',
      cause: error,
    })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
