import { variant } from '../contract/contract'
import { docker } from '../support/docker-api'
import { phusionContainer, testKey } from '../support/sshd'
import { until } from '../support/until'

// An image as phusion's, with its sshd switched on by hand and the key put in by hand: nothing of ours has prepared it.
const key = testKey()
variant({
  via: 'ssh',
  image: 'sshd',
  flags: ['--identity', key.path],
  make: async (env) => {
    const made = await phusionContainer({ env })
    const prepare = [
      'rm -f /etc/service/sshd/down',
      'sv -w 20 start /etc/service/sshd',
      `echo '${key.public}' >/root/.ssh/authorized_keys`,
      // runit calls it started when it runs; it makes its host keys before it listens.
      'i=0; until grep -q ":0016 0*:0000 0A" /proc/net/tcp || [ $((i += 1)) = 100 ]; do sleep 0.1; done',
    ].join(' && ')
    const sh = (script: string) => docker().inside(made.id, ['sh', '-c', script])
    const { code, stdout, stderr } = await sh(prepare)
    if (code !== 0) throw new Error(stdout + stderr)
    // Port 22, listening.
    const listens = async () => (await sh('grep -q ":0016 .* 0A " /proc/net/tcp')).code === 0
    await until(listens, 20_000, () => docker().logs(made.id))
    return made
  },
})
