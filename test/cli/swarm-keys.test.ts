/** SSH into a task on another node: a key put in, a login with it, the key taken out. */
import { run } from '../support/cli'
import { dockerConfig } from '../support/contexts'
import { importImage, scratch } from '../support/engine'
import { makeSwarm, type Swarm } from '../support/swarm'

let swarm: Swarm
beforeAll(async () => {
  swarm = await makeSwarm()
  await importImage(swarm.beta.engine.host, 'sshd')
  const command = ['sh', '-c', 'mkdir -p /run/sshd; exec /usr/sbin/sshd -D -p 2222']
  await swarm.service('box', { image: 'sshd', replicas: 1, command, constraints: [`node.id==${swarm.beta.id}`] })
})

test('a key put into a task on another node, and a login with it', async () => {
  const task = await swarm.task('box', ({ Status }) => Status.State === 'running')
  const DOCKER_CONFIG = dockerConfig({ 'to-beta': swarm.beta.engine.host })
  const env = { DOCKER_CONFIG, XDG_DATA_HOME: scratch('data') }
  const says = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(args, { place: swarm.alpha.engine, env, timeoutMs: 60_000 })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return stdout.toString().trim()
  }
  expect(await says('key', 'install', 'box.1')).toMatch(/✓ box\.1 /)
  expect(await says('--via', 'ssh', 'box.1', 'hostname')).toBe(task.Status.ContainerStatus?.ContainerID.slice(0, 12))
  expect(await says('key', 'list', 'box.1')).toMatch(/root/)
  expect(await says('key', 'revoke', 'box.1')).toMatch(/✓ box\.1 /)
})
