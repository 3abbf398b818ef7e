import { fromSource } from '../../support/source'
import { sshdContainer, testKey } from '../../support/sshd'
import { contract } from '../contract/contract'

fromSource()
const key = testKey()
contract({
  via: 'ssh',
  image: 'sshd',
  flags: ['--identity', key.path],
  make: (env) => sshdContainer({ key, env }),
})
