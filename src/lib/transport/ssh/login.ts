import { BaseAgent, Client, type ParsedKey, type SignCallback } from 'ssh2'
import { DockerBashError, messageOf } from '../../errors'
import { fingerprint, typeOf } from '../../keys/fingerprint'
import type { PinnedHost } from '../../keys/hosts'
import type { Target } from '../../model'
import { type Candidate, signFailure } from './candidates'
import type { OpenRoad } from './roads'

export interface Login {
  readonly client: Client
  /** The key that opened. */
  readonly candidate: Candidate
  /** Milliseconds. */
  readonly took: { readonly keyExchange: number; readonly authentication: number }
}

/** None of the keys was taken. */
export class KeysRefused extends DockerBashError {}

const handshakeMs = 20_000

/**
 * Modern only: what ssh2 offers besides (SHA-1, CBC) is left out. AES-GCM first: node's own OpenSSL is fast at it.
 * @see https://www.openssh.com/specs.html
 */
const algorithms = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  cipher: [
    'aes128-gcm@openssh.com',
    'aes256-gcm@openssh.com',
    'chacha20-poly1305@openssh.com',
    'aes128-ctr',
    'aes256-ctr',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} as const

/**
 * Logs in over an open road. The server has to show one of the pinned keys before anything is sent to it.
 * @param trusted also refuses: whether the road still leads to the container it was opened for
 * @throws DockerBashError for another host key, with both fingerprints; KeysRefused when no key opens
 */
export async function login(
  target: Target,
  host: Pick<PinnedHost, 'hostKeys'> | { readonly fingerprint: string },
  { stream, road }: OpenRoad,
  user: string,
  candidates: readonly Candidate[],
  trusted: Promise<void>,
  forwardAgent = false,
): Promise<Login> {
  const client = new Client()
  const agent = new Candidates(candidates)
  const from = performance.now()
  let exchanged = from
  let refused: DockerBashError | undefined
  const done = new Promise<void>((resolve, reject) => {
    let last: unknown
    client.on('error', (error: unknown) => {
      // An agent's failure at one key is not the end: ssh2 goes on to the next one.
      if (error instanceof Error && 'level' in error && error.level === 'agent') return
      last ??= error
      reject(refused ?? agent.failure ?? explain(error))
    })
    client.once('close', () => reject(refused ?? agent.failure ?? explain(last)))
    client.once('handshake', () => {
      exchanged = performance.now()
    })
    client.once('ready', resolve)
  })
  const explain = (error: unknown) => why(target, user, agent, error, road.where)
  // A wrong container refuses before its own keys are looked at; nothing is asked of the user for it.
  trusted.catch((error: unknown) => {
    refused ??= error instanceof DockerBashError ? error : undefined
    client.destroy()
  })
  stream.ref()
  client.connect({
    sock: stream,
    username: user,
    readyTimeout: handshakeMs,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    ident: 'docker-bash',
    ...(forwardAgent && process.env.SSH_AUTH_SOCK && { agent: process.env.SSH_AUTH_SOCK, agentForward: true }),
    algorithms: { ...algorithms, serverHostKey: hostAlgorithms(host) } as never,
    // Synchronous: a promise is truthy, and would accept everything.
    hostVerifier: (key: Buffer): boolean => {
      const right =
        'fingerprint' in host
          ? fingerprint(key) === host.fingerprint
          : host.hostKeys.some(({ blob }) => blob.equals(key))
      if (!right) refused ??= otherKey(target, host, key, road.where)
      return right
    },
    authHandler: ((_left: unknown, _partial: unknown, next: (method: unknown) => void) => {
      if (agent.started) return next(false)
      agent.started = true
      trusted.then(
        () => next({ type: 'agent', username: user, agent }),
        () => next(false),
      )
    }) as never,
  })
  try {
    await Promise.all([done, trusted])
  } catch (error) {
    client.destroy()
    stream.destroy()
    throw refused ?? error
  }
  const ready = performance.now()
  const candidate = agent.current
  if (!candidate) throw new TypeError('logged in without a key')
  return { client, candidate, took: { keyExchange: exchanged - from, authentication: ready - exchanged } }
}

/** Our keys as ssh2's idea of an agent: it asks each one's public half first, and signs only with what is wanted. */
class Candidates extends BaseAgent {
  readonly #all: readonly Candidate[]
  started = false
  /** The one that was asked to sign last. */
  current: Candidate | undefined
  failure: DockerBashError | undefined

  constructor(all: readonly Candidate[]) {
    super()
    this.#all = all
  }

  get all(): readonly Candidate[] {
    return this.#all
  }

  override getIdentities(take: (error: Error | null | undefined, keys?: Buffer[]) => void): void {
    take(
      null,
      this.#all.map(({ public: half }) => half.blob),
    )
  }

  override sign(key: ParsedKey | Buffer | string, data: Buffer, options: unknown, take?: SignCallback): void {
    const blob = Buffer.isBuffer(key) ? key : typeof key === 'string' ? Buffer.from(key) : key.getPublicSSH()
    const found = this.#all.find(({ public: half }) => half.blob.equals(blob))
    const done = (typeof options === 'function' ? options : take) as SignCallback
    if (!found) {
      done(new Error('no such key'))
      return
    }
    this.current = found
    const hash = typeof options === 'object' && options !== null && 'hash' in options ? String(options.hash ?? '') : ''
    found.sign(data, hash || undefined).then(
      (signature) => done(null, signature),
      (error: unknown) => {
        this.failure ??= signFailure(found.from, error)
        done(this.failure)
      },
    )
  }
}

function hostAlgorithms(host: Pick<PinnedHost, 'hostKeys'> | { readonly fingerprint: string }): string[] {
  const all = [
    'ssh-ed25519',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521',
    'rsa-sha2-512',
    'rsa-sha2-256',
  ]
  if ('fingerprint' in host) return all
  // Known kinds first; the others stay, so that a server with other keys is refused by its key and not as mute.
  const known = (name: string) =>
    host.hostKeys.some(({ type }) => type === name || (type === 'ssh-rsa' && name.startsWith('rsa-')))
  return [...all.filter(known), ...all.filter((name) => !known(name))]
}

function otherKey(
  target: Target,
  host: Pick<PinnedHost, 'hostKeys'> | { readonly fingerprint: string },
  key: Buffer,
  where: string,
): DockerBashError {
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

function why(target: Target, user: string, agent: Candidates, error: unknown, where: string): DockerBashError {
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
