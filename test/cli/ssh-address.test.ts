import { sshdContainer, testKey } from '../support/sshd'
import { contract } from './contract/contract'

// Over the container's own address, to a plain Debian's sshd on port 2222.
const key = testKey()
contract({
  via: 'ssh',
  image: 'sshd',
  flags: ['--identity', key.path],
  make: (env) => sshdContainer({ key, env }),
})
