import { docker } from '../../support/docker-api'
import { libChild } from '../../support/lib-child'
import { processesOf } from '../../support/processes'
import { sshdContainer, testKey, waitForLog } from '../../support/sshd'

test('an address that went to another container between resolve and connect is refused, even with the same host keys', async () => {
  const key = testKey()
  const NetworkMode = 'net-swap'
  await docker().call('POST', '/networks/create', { Name: NetworkMode, IPAM: { Config: [{ Subnet: '10.77.1.0/24' }] } })
  const at = { NetworkingConfig: { EndpointsConfig: { [NetworkMode]: { IPAMConfig: { IPv4Address: '10.77.1.7' } } } } }
  // Both have the host keys of their image.
  const options = { key, hostConfig: { NetworkMode }, more: at }
  const one = await sshdContainer(options)
  const two = await sshdContainer({ ...options, start: false })

  const enter = (name: string) => libChild('test/fixtures/swap-child.ts', [name, key.path], {})
  const right = enter(one.name)
  await right.said(/resolved/)
  right.stdin.write('go\n')
  expect((await right.ended).stdout.toString()).toMatch(/opened/)

  const wrong = enter(one.name)
  await wrong.said(/resolved/)
  await docker().act('kill', one.id)
  await docker().wait(one.id)
  await docker().act('start', two.id)
  await waitForLog(two.id, /Server listening/)
  wrong.stdin.write('go\n')
  const { stdout } = await wrong.ended
  expect(stdout.toString()).toMatch(/refused: /)
  expect((await processesOf(two.id)).map(({ line }) => line).join()).not.toMatch(/docker-bash/)
})
