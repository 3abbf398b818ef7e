import { contract } from '../contract/contract'
import { sshdContainer, testKey } from '../support/sshd'

// No network and no running sshd: `sshd -i` over an exec.
const key = testKey()
contract({
  via: 'ssh',
  image: 'sshd',
  flags: ['--identity', key.path],
  make: (env) => sshdContainer({ key, env, serve: false, hostConfig: { NetworkMode: 'none' } }),
})
