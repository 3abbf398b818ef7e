import { Client } from 'ssh2'
import { monotonic } from '../clock'
import { DockerBashError } from '../errors'
import { sweep } from '../host/force-young-gc'
import type { Target } from '../model'
import { Candidates } from './agent'
import type { Candidate } from './candidates'
import { gather } from './coalesce-writes'
import { fingerprint } from './fingerprint'
import { handshakeMs, type KnownHost, loginFailure, otherKey } from './login-failures'
import type { OpenRoad } from './routes'

export interface Login {
  readonly client: Client
  /** The key that opened. */
  readonly candidate: Candidate
  /** Milliseconds. */
  readonly took: { readonly keyExchange: number; readonly authentication: number }
}

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
  host: KnownHost,
  { stream, road }: OpenRoad,
  user: string,
  candidates: readonly Candidate[],
  trusted: Promise<void>,
  forwardAgent = false,
): Promise<Login> {
  const client = new Client()
  const agent = new Candidates(candidates)
  const from = monotonic()
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
      exchanged = monotonic()
    })
    client.once('ready', resolve)
  })
  const explain = (error: unknown) => loginFailure(target, user, agent, error, road.where)
  // A wrong container refuses before its own keys are looked at; nothing is asked of the user for it.
  trusted.catch((error: unknown) => {
    refused ??= error instanceof DockerBashError ? error : undefined
    client.destroy()
  })
  stream.ref()
  let swept: ReturnType<typeof sweep> | undefined
  client.connect({
    sock: gather(stream, (bytes) => swept?.(bytes)),
    username: user,
    readyTimeout: handshakeMs,
    keepaliveInterval: 15_000,
    keepaliveCountMax: 4,
    ident: 'docker-bash',
    // Named only: `agentForward` here would hand it over with the first thing that is run.
    ...(forwardAgent && process.env.SSH_AUTH_SOCK && { agent: process.env.SSH_AUTH_SOCK }),
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
  // Behind ssh2, which now listens.
  swept = sweep(stream)
  try {
    await Promise.all([done, trusted])
  } catch (error) {
    client.destroy()
    stream.destroy()
    throw refused ?? error
  }
  const ready = monotonic()
  const candidate = agent.current
  if (!candidate) {
    client.destroy()
    throw new DockerBashError(`the sshd of ${target.name} lets everybody in: it asked for no key`, {
      hint: `docker-bash goes in by no such door: docker-bash --via exec ${target.name}`,
    })
  }
  return { client, candidate, took: { keyExchange: exchanged - from, authentication: ready - exchanged } }
}

function hostAlgorithms(host: KnownHost): string[] {
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
