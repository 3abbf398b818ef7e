import { readSmallFile } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import { ContainerRoot } from '../host/container-rootfs'
import { type HostUser, linesOf, readUser, resolveUser, userFileLimit } from '../host/users'
import type { WithRuntime } from '../target/runtime'
import { ownUser } from './own-user'

/**
 * Who a user is in a container that runs: by its files on this host, or else as the engine gives them out, which takes
 * it some tens of milliseconds each.
 * @throws DockerBashError when it does not know this user, with those that it knows
 */
export async function readLogin(engine: Engine, target: WithRuntime, user: string): Promise<HostUser> {
  const isHere = target.onHost.looked && target.onHost.found.certain
  const root = isHere ? new ContainerRoot(target.pid) : undefined
  const text = async (path: string) =>
    (root ? root.read(path, userFileLimit) : await readSmallFile(engine, target.id, path, userFileLimit))?.toString() ??
    ''
  try {
    if (isHere) return readUser(user, target)
    const [passwd, group] = await Promise.all([text('/etc/passwd'), text('/etc/group')])
    return resolveUser(user, { passwd, group }, target.groupAdd ?? [], target.name)
  } catch (error) {
    if (!(error instanceof DockerBashError)) throw error
    const names = linesOf(await text('/etc/passwd')).flatMap(([name]) => (name && !name.startsWith('#') ? [name] : []))
    const few = names.slice(0, 30).join(', ')
    throw new DockerBashError(error.message, {
      hint: `it knows ${few || 'no names: a number will do'}; its own user is called ${ownUser}`,
      cause: error,
    })
  }
}
