import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
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
 * (logrotate); a line that cannot be written is said, and keeps nobody out. One of which a full disk took a part alone is
 * cut off again, where nobody has written behind it; if not, the next begins a new line.
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
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants
  let file: number | undefined
  try {
    file = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600)
    const stat = fstatSync(file)
    if (!stat.isFile()) throw new Error('it is not a regular file')
    if (line !== '') writeWhole(file, stat.size, Buffer.from(line))
  } catch (error) {
    throw new DockerBashError(`cannot append to ${path}: ${messageOf(error)}`, {
      hint: 'name another file: --audit FILE',
      cause: error,
    })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

const newline = Buffer.from('\n')

/** @param size the file's, in bytes @throws when only a part of it, or nothing, could be written */
function writeWhole(file: number, size: number, line: Buffer): void {
  const last = Buffer.alloc(1)
  const isCut = size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && !last.equals(newline)
  const bytes = isCut ? Buffer.concat([newline, line]) : line
  const written = writeSync(file, bytes)
  if (written === bytes.length) return
  if (fstatSync(file).size === size + written) ftruncateSync(file, size)
  throw new Error('there is no room for all of it')
}
