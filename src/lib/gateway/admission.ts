import type { Settings } from '../config/settings'
import { listContainers } from '../engine/containers'
import { DockerBashError } from '../errors'
import { matches } from '../fleet/select'
import { type ComposeSurroundings, here } from '../target/compose'
import { ask } from '../target/inspect'
import { parseTarget, type TargetRef } from '../target/parse'
import { NoContainer } from '../target/resolve'
import { requireRunning } from '../target/state'
import type { Found } from '../target/types'
import type { Entry } from './authorized/file'
import { Container } from './container'
import type { Guest } from './guest'
import type { Client } from './listening'
import { parseLogin } from './login-name'
import { ownUser } from './own-user'

export interface AdmissionDeps {
  /** Asks the engine anew: it may have been started again, and know other containers. */
  find(ref: TargetRef): Promise<Found>
  settings(): Settings
  /** Selectors of those that may be entered; none: all. */
  readonly allow: readonly string[]
}

/**
 * The container that a name means, for who has shown a key. Judged at each login; from then on by its full ID.
 * @throws DockerBashError for one that is not there, does not run or is not allowed, and for a user that it does not know
 */
export async function admit(
  name: string,
  { permits }: Entry,
  { begin, tell, ends }: Client,
  { find, settings, allow }: AdmissionDeps,
): Promise<Guest> {
  const login = parseLogin(name)
  // Whoever wrote the command did not mean it for anybody that a client names.
  if (permits.forced !== undefined && login.user !== '' && login.user !== ownUser) {
    throw new DockerBashError('a key with a command of its own comes in as the container’s own user', {
      hint: 'log in without the user in front of %',
    })
  }
  const found = await find(login.target).catch((error: unknown) => {
    // Its hint would name some that are not for them.
    throw allow.length > 0 && error instanceof NoContainer ? notLedTo(name) : error
  })
  if (allow.length > 0) await requireAllowed(found, allow, here(), name)
  const { engine, target } = found
  requireRunning(target)
  const container = new Container({ engine, target, settings: settings(), note: () => undefined, warn: tell })
  await container.become(login.user)
  const where = { container: target.name, id: target.id }
  return { container, permits, begin, confide: tell, ...(ends && { ends }), where }
}

/** @throws DockerBashError for what no selector fits; a task on another node is of another engine's list */
async function requireAllowed(
  { engine, target }: Found,
  allow: readonly string[],
  around: ComposeSurroundings,
  name: string,
): Promise<void> {
  const list = await ask(engine, listContainers(engine, { all: true }))
  const isAllowed = allow.some((word) => matches(list, parseTarget(word), around).some(({ Id }) => Id === target.id))
  if (!isAllowed) throw notLedTo(name)
}

/** The same of one that is kept back and of one that is not there: who has a key for some learns of no others. */
function notLedTo(name: string): DockerBashError {
  return new DockerBashError(`${name} is not among the containers that this gateway leads to`, {
    hint: 'whoever runs it names them by --allow',
  })
}
