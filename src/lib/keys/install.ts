import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { authorizedPaths } from '../ssh/authorized'
import { enrol, enrolment } from '../ssh/enrolment'
import type { Survey } from '../ssh/survey'
import { edit, type Place } from './edit'
import { add, takeBack } from './lines'
import { locked } from './lock'
import { type Ask, opensSession, whyRefused } from './prove'
import { readyServer } from './server'
import { authorizedLine, generateKey, newest, type OwnKey, requireKey, usualName } from './store'

export interface InstallOptions {
  readonly user?: string | undefined
  /** A key of ours by name; default: the usual one, made at first use. */
  readonly key?: string | undefined
  readonly force: boolean
  readonly ask: Ask
}

/** The key to install; the usual one is made when there is none, once however many of us ask for it. */
export async function keyToInstall(name: string | undefined): Promise<{ key: OwnKey; made: boolean }> {
  if (name !== undefined) return { key: requireKey(name), made: false }
  return locked('keys', 'the folder of your keys', async () => {
    const known = newest(usualName)
    return known ? { key: known, made: false } : { key: generateKey(usualName), made: true }
  })
}

/**
 * Authorises a key in a container and proves it by a login, then enrols the container. What was added is taken out
 * again when the login is refused, or does not end up inside.
 * @returns what was done, each a short clause
 */
export async function install(engine: Engine, target: Target, key: OwnKey, options: InstallOptions): Promise<string[]> {
  return locked(target.id, target.name, () => authorise(engine, target, key, options))
}

async function authorise(engine: Engine, target: Target, key: OwnKey, options: InstallOptions): Promise<string[]> {
  const user = userOf(target, options.user)
  const { survey, did } = await readyServer(engine, target, user, true)
  const place = placeOf(target, survey, options.force)
  const added = await edit(engine, target, place, add(authorizedLine(key), key.public))
  // An older line of the same key, with options, is the user's own.
  const undo = async () => added && (await edit(engine, target, place, takeBack(authorizedLine(key))))
  let isIn: boolean
  try {
    isIn = await opensSession(engine, target, place.login.name, key, options.ask)
  } catch (error) {
    // Why it could not be proved is what the user needs to hear.
    await undo().catch(() => undefined)
    throw error
  }
  if (!isIn) {
    const why = await whyRefused(engine, target, place.path, place.login, survey.settings)
    await undo()
    throw new DockerBashError(`${target.name} refuses the key although it stands in ${place.path}: ${why}`, {
      hint: `${added ? 'it was taken out again; ' : ''}put that right, then docker-bash key install ${target.name}`,
    })
  }
  note(target, key, place.login.name)
  return [
    ...did,
    added ? `key ${key.name} put into ${place.path}` : `key ${key.name} was there already`,
    'login proved',
  ]
}

/** The login that is meant, when none is named: the one a session of ours would have. */
export function userOf(target: Target, user: string | undefined): string {
  return (user || target.user || 'root').split(':')[0] || 'root'
}

/**
 * The file to write to: the first that sshd reads for the user.
 * @throws DockerBashError when its keys do not come from a file
 */
export function placeOf(target: Target, survey: Survey, force: boolean): Place {
  const { login } = survey
  if (!login) throw new TypeError('no login in the survey')
  const [path] = authorizedPaths(survey, login)
  if (path) return { path, login, force }
  throw new DockerBashError(`the sshd of ${target.name} reads no keys from files (AuthorizedKeysFile none)`, {
    hint: 'its keys come from somewhere else: AuthorizedKeysCommand in /etc/ssh/sshd_config',
  })
}

/** Adds a key to our own notes of a container. */
export function note({ id, name }: Target, key: OwnKey, user: string): void {
  const known = enrolment(id)?.keys ?? []
  const others = known.filter((one) => !(one.key === key.name && one.user === user))
  enrol({ id, name, keys: [{ key: key.name, fingerprint: key.fingerprint, user }, ...others] })
}

/** Takes keys out of our notes. */
export function forget(
  target: Pick<Target, 'id' | 'name'>,
  drop: (key: { fingerprint: string; user: string }) => boolean,
): void {
  const known = enrolment(target.id)
  if (known) enrol({ ...known, keys: known.keys.filter((key) => !drop(key)) })
}
