import type { Engine } from '../../engine/engine'
import { pathIn } from '../../files/data-files'
import type { Target } from '../../model'
import { agentName, type Candidate, distinct, fromAgent, fromFile, identity, usualFiles } from '../../ssh/candidates'
import { enrolment } from '../../ssh/enrolment'
import type { PublicKey } from '../../ssh/fingerprint'
import { heldKeys } from '../../ssh/held-host-keys'
import { insecureKey } from '../../ssh/insecure-key'
import { knowHost } from '../../ssh/known-hosts'
import { isExposed } from '../../ssh/private-key'
import type { LoginOptions, SshDeps } from './deps'

/** OpenSSH hangs up after six keys that it did not take. */
const atOnce = 5

/** Keys for one connection. */
export interface Offer {
  readonly keys: readonly Candidate[]
  /** They are offered to a server with one of these host keys only. */
  readonly to?: readonly PublicKey[]
}

/**
 * The keys to try, in their order: the one that was named, those enrolled for this container, the agent's, the user's
 * usual files; at last the image's insecure key, if that is the one that is installed. In groups for one connection
 * each; each group is only looked for when those before it were refused.
 *
 * What an agent and ~/.ssh hold opens much else besides this container. It is offered only to a host key whose private
 * half is in the container, so that a container cannot point it at another one.
 */
export async function* keysFor(
  engine: Engine,
  target: Target,
  user: string,
  { login, warn }: Pick<SshDeps, 'login' | 'warn'>,
): AsyncGenerator<Offer> {
  const socket = process.env.SSH_AUTH_SOCK
  const named = login.identity === undefined ? [] : [await identity(login.identity, socket, login.ask)]
  if (login.identity !== undefined && named[0]?.from === login.identity && isExposed(login.identity)) {
    warn(`others can read ${login.identity}: chmod 600 ${login.identity}`)
  }
  const own = distinct([...named, ...(await enrolledKeys(target, user, login.ask))])
  const isWide = own.some(({ from }) => from === agentName)
  if (!isWide) for (const keys of groups(own)) yield { keys }
  const wide = distinct([...own, ...(await fromAgent(socket)), ...(await usualFiles(login.ask))])
  const rest = isWide ? wide : wide.slice(own.length)
  if (rest.length > 0) {
    // A fingerprint that the user gave is the user's own word for whom it is.
    const { host } = login.hostKey === undefined ? await knowHost(engine, target.id) : {}
    const to = host && (await heldKeys(engine, host))
    if (to?.length !== 0) for (const keys of groups(rest)) yield { keys, ...(to && { to }) }
    else
      warn(`the agent’s keys and those in ~/.ssh are not offered: nothing shows that ${target.name} holds its host key`)
  }
  const insecure = await insecureKey(engine, target.id, user)
  if (insecure)
    yield { keys: [{ ...insecure, from: insecureName, sign: async (data, hash) => insecure.sign(data, hash) }] }
}

function groups(keys: readonly Candidate[]): (readonly Candidate[])[] {
  return Array.from({ length: Math.ceil(keys.length / atOnce) }, (_, at) => keys.slice(at * atOnce, (at + 1) * atOnce))
}

export const insecureName = 'the image’s insecure key'

/** Keys enrolled for this login first, then those for others of the same container. */
async function enrolledKeys(target: Target, user: string, ask: LoginOptions['ask']): Promise<Candidate[]> {
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
