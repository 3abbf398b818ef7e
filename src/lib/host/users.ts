import type { Target } from '../model'
import { ContainerRoot } from './container-rootfs'
import { noNumber, noUser, tooLongLine, unreadable } from './user-errors'

export interface HostUser {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** What the runtime makes HOME: that of the number's first line, which may be empty; `/` without one. */
  readonly home: string
}

/** The container's own files; empty where it has none. */
export interface UserFiles {
  readonly passwd: string
  readonly group: string
}

/**
 * Who `NAME|UID[:GROUP]` is in a container, by the rules of the engine's exec (libcontainer's `GetExecUser`, now in
 * moby/sys): what reads as a number is one, whoever is named so, and need not be in passwd; a name must be. Without a
 * group it is the passwd line's, with the groups that list the user as a member; with one it is that alone. A comment in
 * passwd is a line to it, and of a number that is none it makes 0, which is root's: who asked for root gets that, for
 * all others it is refused.
 * @param added groups given by `--group-add`, names or numbers
 * @throws DockerBashError when the user or group is not there, or a file is damaged where it matters
 */
export function resolveUser(spec: string, files: UserFiles, added: readonly string[], container: string): HostUser {
  const [who = '', where = ''] = spec.split(':')
  const users = usersOf(files.passwd, container)
  const groups = linesOf(files.group).filter(([name]) => !name?.startsWith('#'))
  const id = who === '' ? '0' : isNumber(who) ? who : undefined
  const line = id === undefined ? users.find(([name]) => name === who) : lineOf(users, Number(id))
  if (!line && id === undefined) throw noUser('user', who, container)
  const uid = inRange(id ?? line?.[2] ?? '', container)
  const home = homeOf(users, uid)
  const more = added.map((name) => groupNumber(name, groups, container))
  if (where !== '') return { home, uid, gid: groupNumber(where, groups, container), groups: more }
  const number = (text = '') => (uid === 0 && !isNumber(text) ? 0 : inRange(text, container))
  const listed = groups.filter(([, , , members]) => line?.[0] && members?.split(',').includes(line[0]))
  return { home, uid, gid: line ? number(line[3]) : 0, groups: [...listed.map(([, , gid]) => number(gid)), ...more] }
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

/** The first line of a number, as the engine reads it. */
function lineOf(lines: readonly string[][], id: number): string[] | undefined {
  return lines.find(([, , number = '']) => (isNumber(number) ? Number(number) : 0) === id)
}

function homeOf(users: readonly string[][], uid: number): string {
  const line = lineOf(users, uid)
  return line ? (line[5] ?? '') : '/'
}

/** In bytes: a line of passwd that the engine and its runtime cannot read, and with it the whole file. */
const longestLine = 64 * 1024

function usersOf(passwd: string, container: string): string[][] {
  if (passwd.length < longestLine / 4 || passwd.split('\n').every((line) => Buffer.byteLength(line) < longestLine)) {
    return linesOf(passwd)
  }
  throw tooLongLine(container)
}

/** In bytes: of passwd and group. */
export const userFileLimit = 16 * 1024 * 1024

function groupNumber(text: string, groups: string[][], container: string): number {
  if (isNumber(text)) return inRange(text, container)
  const line = groups.find(([name]) => name === text)
  if (line) return inRange(line[2] ?? '', container)
  throw noUser('group', text, container)
}

/** Each split at its colons; comments too. */
export function linesOf(file: string): string[][] {
  return file.split('\n').flatMap((line) => {
    const text = line.trim()
    return text === '' ? [] : [text.split(':')]
  })
}

/** As libcontainer has it: what is larger would be cut to somebody else's number, and no number would be root's. */
function inRange(text: string, container: string): number {
  if (isNumber(text) && Number(text) >= 0 && Number(text) <= 0x7fffffff) return Number(text)
  throw noNumber(text, container)
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+$/.test(text)
}
