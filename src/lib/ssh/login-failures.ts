import { DockerBashError, messageOf } from '../errors'
import type { Target } from '../model'
import type { Candidates } from './agent'
import { fingerprint, typeOf } from './fingerprint'
import type { PinnedHost } from './known-hosts'

/** What a server is known by: its keys, or the fingerprint of one. */
export type KnownHost = Pick<PinnedHost, 'hostKeys'> | { readonly fingerprint: string }

/** None of the keys was taken. */
export class KeysRefused extends DockerBashError {}

/** How long a server may take to let us in. */
export const handshakeMs = 20_000

/** Another host key than the pinned ones, with both fingerprints. */
export function otherKey(target: Target, host: KnownHost, key: Buffer, where: string): DockerBashError {
  const expected =
    'fingerprint' in host
      ? host.fingerprint
      : (host.hostKeys.find(({ type }) => type === typeOf(key)) ?? host.hostKeys[0])?.blob
  const text = typeof expected === 'string' ? expected : expected ? fingerprint(expected) : 'none'
  return new DockerBashError(`the host key of ${target.name} is not the one its files held`, {
    lines: [`offered  ${fingerprint(key)}  expected  ${text}  at ${where}`],
    hint: `something else may answer there. If its keys were made anew: docker-bash key install ${target.name} reads and pins them; docker-bash --via exec ${target.name} goes another way`,
  })
}

/** Why a login did not come about; KeysRefused when it was for the keys. */
export function loginFailure(
  target: Target,
  user: string,
  agent: Candidates,
  error: unknown,
  where: string,
): DockerBashError {
  const text = error === undefined ? 'it hung up' : messageOf(error)
  const { name } = target
  if (/timed out/i.test(text)) {
    return new DockerBashError(`the sshd of ${name} did not finish the login in ${handshakeMs / 1000} s (${where})`, {
      hint: `usual causes: UseDNS, a slow PAM module, too many logins at once; docker-bash --via exec ${name} needs none of them`,
    })
  }
  if (
    /authentication methods failed|too many authentication failures/i.test(text) ||
    (agent.started && error === undefined)
  ) {
    const keys = agent.all.length
    return new KeysRefused(
      `${name} lets nobody in as ${user} with ${keys === 0 ? 'no key' : keys === 1 ? `the key ${agent.all[0]?.from}` : `any of ${keys} keys`}`,
      {
        hint: `authorise one: docker-bash key install ${user === 'root' ? '' : `-u ${user} `}${name}; docker-bash key list ${name} shows who may log in`,
      },
    )
  }
  return new DockerBashError(`the login to ${name} failed: ${text} (${where})`, {
    hint: `docker-bash explain ${name} shows the other ways in; docker-bash --via exec ${name} takes one`,
  })
}
