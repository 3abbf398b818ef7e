import { DockerBashError, errno, messageOf } from '../errors'
import { SftpLost } from '../sftp/requests'

/** The rest of a copy is lost. */
export class Stopped extends DockerBashError {}

/** What ends a copy as a whole: no room, or nobody who writes. */
export function isOfAll(error: unknown): boolean {
  return error instanceof SftpLost || error instanceof Stopped || ['ENOSPC', 'EDQUOT'].includes(errno(error) ?? '')
}

/** The error that says it. */
export function stopped(error: unknown, shown: string): DockerBashError {
  if (error instanceof Stopped || error instanceof SftpLost) return error
  return new Stopped(`${shown}: ${because(error)}`, { cause: error })
}

/** Why one file was not copied, as a clause. */
export function because(error: unknown): string {
  const known: Readonly<Record<string, string>> = {
    EISDIR: 'a folder has that name',
    ENOTEMPTY: 'a folder has that name',
    EROFS: 'it is on a read-only file system',
  }
  return known[errno(error) ?? ''] ?? messageOf(error)
}
