import type { Engine } from '../../engine/engine'
import { enrolment } from '../../keys/enrolled'
import { pathIn } from '../../keys/folders'
import { insecureKey } from '../../keys/insecure'
import { isExposed } from '../../keys/private'
import type { Target } from '../../model'
import type { Surroundings } from '../surroundings'
import { type Candidate, distinct, fromAgent, fromFile, identity, usualFiles } from './candidates'

/** OpenSSH hangs up after six keys that it did not take. */
const atOnce = 5

/**
 * The keys to try, in their order: the one that was named, those enrolled for this container, the agent's, the user's
 * usual files; at last the image's insecure key, if that is the one that is installed. In groups for one connection
 * each; each group is only looked for when those before it were refused.
 */
export async function* keysFor(
  engine: Engine,
  target: Target,
  user: string,
  { ssh, warn }: Surroundings,
): AsyncGenerator<readonly Candidate[]> {
  const socket = process.env.SSH_AUTH_SOCK
  const named = ssh.identity === undefined ? [] : [await identity(ssh.identity, socket, ssh.ask)]
  if (ssh.identity !== undefined && named[0]?.from === ssh.identity && isExposed(ssh.identity)) {
    warn(`others can read ${ssh.identity}: chmod 600 ${ssh.identity}`)
  }
  const enrolled = await enrolledKeys(target, user, ssh.ask)
  const all = distinct([...named, ...enrolled, ...(await fromAgent(socket)), ...(await usualFiles(ssh.ask))])
  for (let at = 0; at < all.length; at += atOnce) yield all.slice(at, at + atOnce)
  const insecure = await insecureKey(engine, target.id, user)
  if (insecure) yield [{ ...insecure, from: insecureName, sign: async (data, hash) => insecure.sign(data, hash) }]
}

export const insecureName = 'the image’s insecure key'

/** Keys enrolled for this login first, then those for others of the same container. */
async function enrolledKeys(target: Target, user: string, ask: Surroundings['ssh']['ask']): Promise<Candidate[]> {
  const keys = [...(enrolment(target.id)?.keys ?? [])].sort((a, b) => Number(b.user === user) - Number(a.user === user))
  const found: Candidate[] = []
  for (const { key } of keys) {
    try {
      found.push(await fromFile(pathIn('keys', key), ask))
    } catch {
      // A key that was thrown away since opens nothing; the others may.
    }
  }
  return found
}
