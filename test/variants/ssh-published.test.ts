import { variant } from '../contract/contract'
import { sshdContainer, testKey } from '../support/sshd'
import { engineAtPort } from '../support/tcp-engine'

// A remote engine: its containers' addresses are not ours, so a published port is the road.
const enginePort = 23750
engineAtPort(enginePort)

const key = testKey()
variant({
  via: 'ssh',
  image: 'sshd',
  flags: ['-H', `tcp://127.0.0.1:${enginePort}`, '--identity', key.path],
  make: (env) =>
    sshdContainer({
      key,
      env,
      hostConfig: { PortBindings: { '2222/tcp': [{ HostIp: '127.0.0.1', HostPort: '23722' }] } },
      more: { ExposedPorts: { '2222/tcp': {} } },
    }),
})
