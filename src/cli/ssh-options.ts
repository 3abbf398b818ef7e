import { existsSync } from 'node:fs'
import * as Flags from '@oclif/core/flags'
import type { Engine } from '../lib/engine/engine'
import { DockerBashError } from '../lib/errors'
import { looked, notLooked, type Probed, type Target, type TransportName } from '../lib/model'
import { enrolment } from '../lib/ssh/enrolment'
import type { LoginOptions } from '../lib/transport/ssh/deps'

/** What only a login by SSH needs. */
export const sshFlags = {
  identity: Flags.string({ char: 'i', helpValue: 'FILE', description: 'the private key for SSH' }),
  'forward-agent': Flags.boolean({
    char: 'A',
    description: 'let the container use your SSH agent while the session lasts',
  }),
  'host-key': Flags.string({ helpValue: 'SHA256:…', description: 'the fingerprint its SSH host key must have' }),
}

export interface SshChoice {
  readonly via: TransportName | 'auto'
  readonly identity?: string | undefined
  readonly 'forward-agent'?: boolean
  readonly 'host-key'?: string | undefined
}

/** What the flags say of a login by SSH. */
export function loginOptions(flags: SshChoice): LoginOptions {
  if (flags.identity !== undefined && !existsSync(flags.identity)) {
    throw new DockerBashError(`cannot use the key ${flags.identity}: there is no such file`, {
      hint: "-i FILE names a key for SSH; Docker's -i needs nothing here: input comes by itself",
    })
  }
  return {
    identity: flags.identity,
    hostKey: requireFingerprint(flags['host-key']),
    forwardAgent: flags['forward-agent'] ?? false,
    ask: askPassphrase,
  }
}

export async function askPassphrase(path: string): Promise<string> {
  const { askSecret } = await import('../lib/terminal/passphrase')
  return askSecret(`passphrase of ${path}:`)
}

/**
 * Looks for a road to the container's sshd, if a verdict needs it: when SSH was asked for, or a key of ours is enrolled
 * there. One look into a folder of ours is all it costs anybody else.
 */
export async function lookForSshd(
  engine: Engine,
  target: Target,
  flags: SshChoice,
  always = false,
): Promise<Pick<Probed, 'sshd'> & { login: LoginOptions }> {
  const login = loginOptions(flags)
  const wanted = flags.via === 'ssh' || (flags.via === 'auto' && enrolment(target.id) !== undefined)
  if (target.state !== 'running' || !(always || wanted)) return { sshd: notLooked, login }
  const { reach } = await import('../lib/ssh/find-route')
  const way = await reach(engine, target, login.hostKey)
  return { sshd: looked(way.facts), login: { ...login, reach: way } }
}

/** @throws DockerBashError for what is not a fingerprint */
function requireFingerprint(text: string | undefined): string | undefined {
  if (text === undefined || /^SHA256:[A-Za-z0-9+/]{43}$/.test(text)) return text
  throw new DockerBashError(`invalid host key fingerprint "${text}"`, {
    hint: 'it looks like SHA256: and 43 characters: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub, in the container',
  })
}
