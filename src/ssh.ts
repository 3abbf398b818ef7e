import { Flags } from '@oclif/core'
import type { Engine } from './lib/engine/engine'
import { enrolment } from './lib/keys/enrolled'
import type { Target, TransportName } from './lib/model'
import type { SshSurroundings } from './lib/transport/surroundings'

/** What only a login by SSH needs. */
export const sshFlags = {
  identity: Flags.string({ char: 'i', helpValue: 'FILE', description: 'the private key for SSH' }),
  'forward-agent': Flags.boolean({
    char: 'A',
    description: 'let the container use your SSH agent while the session lasts',
  }),
  'host-key': Flags.string({ helpValue: 'SHA256:…', description: 'the fingerprint its SSH host key must have' }),
}

interface SshChoice {
  readonly via: TransportName | 'auto'
  readonly identity?: string | undefined
  readonly 'forward-agent'?: boolean
  readonly 'host-key'?: string | undefined
}

/**
 * Looks for a road to the container's sshd, if a verdict needs it: when SSH was asked for, or a key of ours is enrolled
 * there. One look into a folder of ours is all it costs anybody else.
 */
export async function withSshd(
  engine: Engine,
  target: Target,
  flags: SshChoice,
  always = false,
): Promise<{ target: Target; ssh: SshSurroundings }> {
  const { requireFingerprint, reach } = await import('./lib/transport/ssh/reach')
  const hostKey = requireFingerprint(flags['host-key'])
  const ssh = {
    identity: flags.identity,
    hostKey,
    forwardAgent: flags['forward-agent'] ?? false,
    ask: async (path: string) => {
      const { askSecret } = await import('./lib/terminal/passphrase')
      return askSecret(`passphrase of ${path}:`)
    },
  }
  const wanted = flags.via === 'ssh' || (flags.via === 'auto' && enrolment(target.id) !== undefined)
  if (target.state !== 'running' || !(always || wanted)) return { target, ssh }
  const way = await reach(engine, target, hostKey)
  return { target: { ...target, sshd: way.facts }, ssh: { ...ssh, reach: way } }
}
