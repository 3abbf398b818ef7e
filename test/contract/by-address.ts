import { sshdContainer, testKey } from '../support/sshd'
import type { Way } from './way'

/** SSH over the container's own address, to a plain Debian's sshd on port 2222. */
export function byAddress(): Way {
  const key = testKey()
  return {
    via: 'ssh',
    image: 'sshd',
    flags: ['--identity', key.path],
    make: (env) => sshdContainer({ key, env }),
  }
}
