/** Why nobody is found to run a command as, whoever looked: we, an engine or its runtime. */
import { DockerBashError } from '../errors'

export function noUser(what: 'user' | 'group', name: string, container: string): DockerBashError {
  return new DockerBashError(`there is no ${what} ${name} in ${container}`, {
    hint: `a number works where there is no such name: docker-bash -u 1000 ${container}`,
  })
}

/** What is larger would be cut to somebody else's number, and no number would be root's. */
export function noNumber(text: string, container: string): DockerBashError {
  return new DockerBashError(`invalid user or group number ${JSON.stringify(text)} in ${container}`, {
    hint: `its /etc/passwd or /etc/group may be broken; 0 to 2147483647 is possible: docker-bash -u 0 ${container}`,
  })
}

/** The engine finds no user then, nor does its runtime. */
export function tooLongLine(container: string): DockerBashError {
  return new DockerBashError(`a line of /etc/passwd in ${container} is longer than 64 KiB: nobody can be found in it`, {
    hint: `correct it from outside: docker cp ${container}:/etc/passwd .`,
  })
}

/** Without it, a user would be somebody else. */
export function unreadable(path: string, container: string): DockerBashError {
  return new DockerBashError(
    `${path} in ${container} cannot be read: it is not a regular file, or it is larger than 16 MiB`,
    {
      hint: `the engine's own exec reads it in its own way: docker-bash --via exec ${container}`,
    },
  )
}

/** By an engine's or a runtime's word, which finds nobody then, and not a number either. */
function brokenFile(path: string, reason: string, container: string): DockerBashError {
  return new DockerBashError(`${path} in ${container} cannot be read: ${reason}`, {
    hint: 'its runtime needs /etc/passwd and /etc/group to be files, or not to be there',
  })
}

/**
 * The same from the words of an engine or a runtime.
 * @param user as it was asked for; empty: root
 * @returns undefined when the text is about something else
 */
export function userErrorOf(text: string, container: string, user: string): DockerBashError | undefined {
  if (/unable to find /i.test(text) && /token too long/i.test(text)) return tooLongLine(container)
  const [, file, reason] = /(\/etc\/(?:passwd|group)): ([^:]*)/.exec(text) ?? []
  if (file && reason !== undefined) return brokenFile(file, reason.trim(), container)
  if (/uids and gids must be in range/i.test(text)) return noNumber(user, container)
  const [, what] = /(?:unable to find|no matching entries in) (user|passwd|group)/i.exec(text) ?? []
  if (!what) return undefined
  const [name = '', group = ''] = user.split(':')
  return what.toLowerCase() === 'group' ? noUser('group', group, container) : noUser('user', name || 'root', container)
}
