import { readSmallFile, statPath } from '../../engine/archive'
import type { Engine } from '../../engine/engine'
import { unreadable } from '../../host/user-errors'
import { type UserFiles, userFileLimit } from '../../host/users'
import type { Target } from '../../model'

/** A container's passwd and group, through its engine. @throws DockerBashError for one that is there and cannot be read */
export async function userFilesBy(engine: Engine, { id, name }: Target): Promise<UserFiles> {
  const file = async (path: string) => {
    const bytes = await readSmallFile(engine, id, path, userFileLimit)
    if (!bytes && (await statPath(engine, id, path))) throw unreadable(path, name)
    return bytes?.toString() ?? ''
  }
  const [passwd, group] = await Promise.all([file('/etc/passwd'), file('/etc/group')])
  return { passwd, group }
}
