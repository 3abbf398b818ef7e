import type { Engine } from '../../engine/engine'
import { DockerBashError } from '../../errors'
import { noUser } from '../../host/user-errors'
import type { Plan } from '../../model'
import { barredAccount } from '../../ssh/barred-account'
import type { Reach } from '../../ssh/find-route'
import type { KeysRefused } from '../../ssh/login-failures'
import { survey } from '../../ssh/survey'
import { noFolder as folderError, notFound, notRunnable } from '../shared/start-errors'
import { isUser, type Who } from './login-user'
import { closedFolder, noFolder, noMeans } from './reset-environment'

type Opened = Pick<Plan, 'target' | 'request'>

/** Nothing leads to its sshd any more: why an opening fails; the order in which it is tried is `opening.ts`. */
export function noRoad({ name }: Opened['target'], { facts }: Reach): DockerBashError {
  return new DockerBashError(`${name} cannot be entered by ssh: ${facts.refusal ?? 'no road leads to its sshd'}`, {
    hint: facts.remedy ?? `another way: docker-bash --via exec ${name}`,
  })
}

/**
 * No key was taken: the user is not there, the account is barred, or none fits.
 * @param refused what the server said to the last of them; undefined when there was none to offer
 */
export async function noLogin(
  engine: Engine,
  target: Opened['target'],
  user: string,
  refused: KeysRefused | undefined,
): Promise<DockerBashError> {
  const { name } = target
  if (!(await isUser(engine, target, user))) return noUser('user', user, name)
  if (refused) return barred(engine, target, user, refused)
  return new DockerBashError(`there is no key to log in to ${name} with`, {
    hint: `make and authorise one: docker-bash key install ${name}; or name yours: docker-bash --identity FILE ${name}`,
  })
}

/** What stands in the way of every key is said instead of the keys. */
async function barred(
  engine: Engine,
  { id, name }: Opened['target'],
  user: string,
  refused: KeysRefused,
): Promise<DockerBashError> {
  const { login, settings } = await survey(engine, id, user)
  const why = login && (await barredAccount(engine, id, login, settings))
  if (!why) return refused
  return new DockerBashError(`${name} lets nobody in as ${user}: ${why}`, {
    hint: `put that right, or take another way: docker-bash --via exec -u ${user} ${name}`,
  })
}

/** The stage or the barrier gave up. @param status its code */
export function givenUp(
  { target, request }: Opened,
  program: string,
  status: number,
  become: Who['become'],
): DockerBashError {
  const { name } = target
  if (status === noFolder || status === closedFolder) {
    return folderError(name, request.workdir || target.workdir, status === closedFolder)
  }
  if (status === noMeans) {
    return new DockerBashError(
      `nobody can log in to ${name} as ${become?.uid}:${become?.gid}, and it has no setpriv to become that`,
      {
        hint: `docker-bash --via exec -u ${become?.uid}:${become?.gid} ${name}`,
      },
    )
  }
  return status === 127 ? notFound(name, program) : notRunnable(name, program)
}
