import { readSmallFile } from '../../engine/archive'
import type { Engine } from '../../engine/engine'
import { DockerBashError } from '../../errors'
import { noUser } from '../../host/user-errors'
import { findLine, linesOf, userFileLimit } from '../../host/users'
import type { Request, Target } from '../../model'
import type { Become } from './reset-environment'

/** Whom to log in as, and whom to become then, when nobody can log in as that. */
export interface Who {
  readonly login: string
  readonly become?: Become
}

/**
 * `NAME|UID[:GROUP]` as a login. A name logs in as itself and a number as its name; a number without a name, and a
 * group of one's choice, exist for no sshd: there root logs in and becomes them.
 */
export async function whoIs(engine: Engine, target: Target, request: Request): Promise<Who> {
  const [user = '', group] = (request.user || target.user || 'root').split(':')
  if (user === '0' && !group) return { login: 'root' }
  if (!group && !/^\d+$/.test(user)) return { login: user }
  const [passwd, groups] = await Promise.all([
    table(engine, target, '/etc/passwd'),
    group ? table(engine, target, '/etc/group') : [],
  ])
  const entry = findLine(passwd, user)
  if (!entry && !/^\d+$/.test(user)) throw noUser('user', user, target.name)
  const [name = '', , uid = user, own = '0'] = entry ?? []
  const gid = !group || /^\d+$/.test(group) ? (group ?? own) : findLine(groups, group)?.[2]
  if (gid === undefined) {
    throw new DockerBashError(`there is no group ${group} in ${target.name}`, {
      hint: `a number works where there is no such name: -u ${user}:1000`,
    })
  }
  return name && gid === own ? { login: name } : { login: 'root', become: { uid, gid } }
}

/** Whether passwd knows the name; a refused login says only that it was refused. */
export async function isUser(engine: Engine, target: Target, name: string): Promise<boolean> {
  const passwd = await table(engine, target, '/etc/passwd')
  return passwd.length === 0 || passwd.some(([one]) => one === name)
}

async function table(engine: Engine, { id }: Target, path: string): Promise<string[][]> {
  return linesOf((await readSmallFile(engine, id, path, userFileLimit))?.toString() ?? '')
}
