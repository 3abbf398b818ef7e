import { docker } from '../support/docker-api'
import { phusionContainer, testKey } from '../support/sshd'
import { contract } from './contract/contract'

// An image as phusion's, with its sshd switched on by hand and the key put in by hand: nothing of ours has prepared it.
const key = testKey()
contract({
  via: 'ssh',
  image: 'sshd',
  flags: ['--identity', key.path],
  make: async (env) => {
    const made = await phusionContainer({ env })
    const prepare = [
      'rm -f /etc/service/sshd/down',
      'sv -w 20 start /etc/service/sshd',
      `echo '${key.public}' >/root/.ssh/authorized_keys`,
    ].join(' && ')
    const { code, stdout, stderr } = await docker().inside(made.id, ['sh', '-c', prepare])
    if (code !== 0) throw new Error(stdout + stderr)
    return made
  },
})
