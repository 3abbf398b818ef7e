import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { ContainerRoot } from './container-rootfs'

export interface HostUser {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** From the passwd line; `/` without one. */
  readonly home: string
}

/** The container's own files; empty where it has none. */
export interface UserFiles {
  readonly passwd: string
  readonly group: string
}

/**
 * Who `NAME|UID[:GROUP]` is in a container, by the rules of the engine's exec (libcontainer's `GetExecUser`): what reads
 * as a number is one, whoever is named so, and need not be in passwd; a name must be. Without a group it is the passwd
 * line's, with the groups that list the user as a member; with one it is that alone. A file that is damaged where it
 * matters is refused: the engine takes what is no number for 0, which is root's.
 * @param added groups given by `--group-add`, names or numbers
 * @throws DockerBashError when the user or group is not there
 */
export function resolveUser(spec: string, files: UserFiles, added: readonly string[], container: string): HostUser {
  const [who = '', where] = spec.split(':')
  const users = linesOf(files.passwd)
  const groups = linesOf(files.group)
  const line = findLine(users, who || '0')
  if (!line && who !== '' && !isNumber(who)) throw unknown('user', who, container)
  const uid = inRange(line?.[2] ?? (who || '0'), container)
  const home = line?.[5] || '/'
  if (where !== undefined && where !== '') {
    return { home, uid, gid: groupNumber(where, groups, container), groups: addedGroups(added, groups, container) }
  }
  const member = line?.[0]
  const listed = groups.filter(([, , , members]) => member && members?.split(',').includes(member))
  const own = listed.map(([, , gid]) => inRange(gid ?? '', container))
  return {
    home,
    uid,
    gid: inRange(line?.[3] ?? '0', container),
    groups: [...own, ...addedGroups(added, groups, container)],
  }
}

/** The same, by the files of a container that runs on this host. */
export function readUser(spec: string, { pid, name, groupAdd = [] }: Target): HostUser {
  const root = new ContainerRoot(pid)
  const file = (path: string) => {
    const bytes = root.read(path, userFileLimit)
    if (!bytes && root.stat(path)) throw unreadable(path, name)
    return bytes?.toString() ?? ''
  }
  return resolveUser(spec, { passwd: file('/etc/passwd'), group: file('/etc/group') }, groupAdd, name)
}

/** The line of a name, or the first of a number. */
export function findLine(lines: readonly string[][], who: string): string[] | undefined {
  return lines.find(([name, , number = '']) =>
    isNumber(who) ? isNumber(number) && Number(number) === Number(who) : name === who,
  )
}

/** In bytes: of passwd and group. */
export const userFileLimit = 16 * 1024 * 1024

/** Without it, a user would be somebody else. */
export function unreadable(path: string, container: string): DockerBashError {
  return new DockerBashError(`${path} in ${container} cannot be read: it is no regular file, or larger than 16 MiB`, {
    hint: `the engine's own exec reads it in its own way: docker-bash --via exec ${container}`,
  })
}

function addedGroups(added: readonly string[], groups: string[][], container: string): number[] {
  return added.map((name) => groupNumber(name, groups, container))
}

function groupNumber(text: string, groups: string[][], container: string): number {
  const line = findLine(groups, text)
  if (line) return inRange(line[2] ?? '', container)
  if (isNumber(text)) return inRange(text, container)
  throw unknown('group', text, container)
}

export function linesOf(file: string): string[][] {
  return file.split('\n').flatMap((line) => {
    const text = line.trim()
    return text === '' || text.startsWith('#') ? [] : [text.split(':')]
  })
}

/** As libcontainer has it: what is larger would be cut to somebody else's number, and no number would be root's. */
function inRange(text: string, container: string): number {
  if (isNumber(text) && Number(text) >= 0 && Number(text) <= 0x7fffffff) return Number(text)
  throw new DockerBashError(`${JSON.stringify(text)} is no user’s or group’s number in ${container}`, {
    hint: `its /etc/passwd or /etc/group may be broken; 0 to 2147483647 is possible: docker-bash -u 0 ${container}`,
  })
}

function isNumber(text: string): boolean {
  return /^[+-]?\d{1,20}$/.test(text)
}

function unknown(what: 'user' | 'group', name: string, container: string): DockerBashError {
  return new DockerBashError(`there is no ${what} ${name} in ${container}`, {
    hint: `a number works where there is no such name: docker-bash -u 1000 ${container}`,
  })
}
