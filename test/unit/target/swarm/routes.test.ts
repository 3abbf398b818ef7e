import { parseHost } from '../../../../src/lib/engine/endpoint'
import type { SwarmNode } from '../../../../src/lib/target/swarm/api'
import { roadsFrom } from '../../../../src/lib/target/swarm/routes'
import { temporary } from '../../../support/temporary'

const node: SwarmNode = {
  ...{ id: 't1jnxrovnbh6t9hal3zetk7ei', name: 'beta', address: '10.0.0.2' },
  ...{ state: 'ready', message: '', availability: 'active' },
}
const present = parseHost('tcp://manager:2375', 'the test')
const settings = (nodes: Record<string, string>, nodesBySsh = false) => ({
  nodes: { value: nodes, from: 'config' as const },
  nodesBySsh: { value: nodesBySsh, from: 'config' as const },
})
const roads = (set: ReturnType<typeof settings>, env: NodeJS.ProcessEnv = {}) =>
  roadsFrom({ HOME: temporary('home'), ...env }, set, present)

test('the config’s entries for a node: its machine’s name, its ID, its address, and no other', () => {
  const nodes = { beta: 'ssh://b', [node.id]: 'unix:///b', '10.0.0.2': 'tcp://b', bet: 'tcp://c', alpha: 'tcp://a' }
  const { toNode, named } = roads(settings(nodes))
  expect(toNode(node).map(({ from }) => from)).toEqual(['nodes.beta', `nodes.${node.id}`, 'nodes.10.0.0.2'])
  expect(named).toHaveLength(5)
})

test('nobody is asked for a password by a host that was not named for this command', () => {
  const [ssh] = roads(settings({ beta: 'ssh://admin@b' })).toNode(node)
  expect(ssh).toMatchObject({ endpoint: { kind: 'ssh', tentative: true } })
})

test('TLS for their tcp:// as for -H', () => {
  const folder = temporary('certs')
  const env = { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: folder }
  const [tcp] = roads(settings({ beta: 'tcp://b' }), env).toNode(node)
  expect(tcp).toMatchObject({ endpoint: { kind: 'tcp', port: 2376, tls: { verify: true } } })
})

test('ssh to an address: only when allowed, and whatever the address is', () => {
  expect(roads(settings({})).bySsh('10.0.0.2')).toBeUndefined()
  const { bySsh } = roads(settings({}, true))
  const hostOf = (address: string) => {
    const road = bySsh(address)
    return road && 'endpoint' in road && road.endpoint.kind === 'ssh' ? road.endpoint.sshArgs : road
  }
  expect(hostOf('10.0.0.2')).toEqual(['--', '10.0.0.2'])
  expect(hostOf('fd00::2')).toEqual(['--', 'fd00::2'])
  expect(hostOf('')).toBeUndefined()
  // A hostile manager's: no option of ssh comes of it.
  expect(hostOf('-oProxyCommand=x')).toEqual(['--', expect.stringMatching(/^-oproxycommand=x$/i)])
  expect(hostOf('a b')).toMatchObject({ why: expect.stringMatching(/invalid engine address/) })
})
