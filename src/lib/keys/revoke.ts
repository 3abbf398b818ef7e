import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { authorizedPaths, parseAuthorized, readAuthorized } from '../ssh/authorized'
import { enrolment } from '../ssh/enrolment'
import type { PublicKey } from '../ssh/fingerprint'
import { edit } from './edit'
import { forget, userOf } from './install'
import { remove } from './lines'
import { lock } from './lock'
import { type Ask, opens } from './prove'
import { readyServer } from './server'
import { ownKeys } from './store'

export interface RevokeOptions {
  readonly user?: string | undefined
  /** A fingerprint; default: all of ours that are enrolled. */
  readonly key?: string | undefined
  readonly force: boolean
  readonly ask: Ask
}

/**
 * Takes keys out of a container, and shows by a refused login that they are.
 * @returns what was done
 * @throws DockerBashError when a key is not there, or still opens
 */
export async function revoke(engine: Engine, target: Target, options: RevokeOptions): Promise<string[]> {
  const unlock = lock(target.id, target.name)
  try {
    return await locked(engine, target, options)
  } finally {
    unlock()
  }
}

async function locked(
  engine: Engine,
  target: Target,
  { user: named, key: wanted, force, ask }: RevokeOptions,
): Promise<string[]> {
  const enrolled = enrolment(target.id)?.keys ?? []
  const user = named ?? enrolled[0]?.user ?? userOf(target, undefined)
  const { survey } = await readyServer(engine, target, user, false)
  if (!survey.login) throw new TypeError('no login in the survey')
  const { login } = survey
  const files = await readAuthorized(engine, target.id, authorizedPaths(survey, login))
  const there = files.flatMap(({ path, text }) => parseAuthorized(text).map((one) => ({ path, ...one })))
  const chosen = there.filter((one) =>
    wanted ? one.fingerprint === wanted : enrolled.some((key) => key.fingerprint === one.fingerprint),
  )
  if (chosen.length === 0) {
    forget(target, (key) => key.user === user && (wanted === undefined || key.fingerprint === wanted))
    if (wanted === undefined && enrolled.length > 0) return ['it was not there any more']
    throw new DockerBashError(
      wanted ? `no key ${wanted} lets anybody in to ${target.name} as ${user}` : `no key of yours is in ${target.name}`,
      {
        hint: `who may log in: docker-bash key list ${target.name}`,
      },
    )
  }
  const keys: PublicKey[] = chosen.map(({ key }) => key)
  for (const path of new Set(chosen.map((one) => one.path)))
    await edit(engine, target, { path, login, force }, remove(keys))
  const proved = await proveRefused(engine, target, user, new Set(chosen.map((one) => one.fingerprint)), ask)
  forget(target, (key) => key.user === user && chosen.some((one) => one.fingerprint === key.fingerprint))
  const lines = new Set(chosen.map((one) => one.fingerprint)).size
  return [`${lines} ${lines === 1 ? 'key' : 'keys'} out`, proved ? 'login refused' : 'not ours, so no login was tried']
}

/** @returns whether there was a private half to try */
async function proveRefused(
  engine: Engine,
  target: Target,
  user: string,
  gone: ReadonlySet<string>,
  ask: Ask,
): Promise<boolean> {
  const ours = ownKeys().filter((key) => gone.has(key.fingerprint))
  for (const key of ours) {
    if (await opens(engine, target, user, key, ask)) {
      throw new DockerBashError(
        `${key.name} still opens ${target.name}, from somewhere else than its authorized_keys`,
        {
          hint: 'AuthorizedKeysCommand, another user’s file or a certificate: sshd -T in it shows',
        },
      )
    }
  }
  return ours.length > 0
}
