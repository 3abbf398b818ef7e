/** What a swarm does to its tasks meanwhile: they die, move, fail, and their nodes are drained or gone. */
import { run, start } from '../support/cli'
import { dockerConfig } from '../support/contexts'
import { makeSwarm, type Swarm, type Task } from '../support/swarm'

/** A machine may call itself anything. */
const hostile = 'be\u001b[31mta'
let swarm: Swarm
let store: string
beforeAll(async () => {
  swarm = await makeSwarm(['alpha', hostile])
  store = dockerConfig({ 'to-alpha': swarm.alpha.engine.host, 'to-beta': swarm.beta.engine.host })
})

const options = () => ({ place: swarm.alpha.engine, env: { DOCKER_CONFIG: store }, timeoutMs: 60_000 })
async function says(args: string[]) {
  const { code, stdout, stderr } = await run(args, options())
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.toString().trim()
}
async function refusal(args: string[]) {
  const { code, stdout, stderr } = await run(args, options())
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
  expect(stderr).not.toMatch('\u001b')
  return stderr
}
const runs = ({ Status, DesiredState }: Task) => Status.State === 'running' && DesiredState === 'running'
const containerOf = ({ Status }: Task) => Status.ContainerStatus?.ContainerID ?? ''
const only = (node: 'alpha' | 'beta') => [`node.id==${swarm[node].id}`]
const shown = 'be\\x1b[31mta'

test('a container that died: the slot’s new one is entered, the old one is named with its end and its successor', async () => {
  await swarm.service('web', { replicas: 1, constraints: only('beta'), command: ['sh', '-c', 'sleep 7200'] })
  const old = await swarm.task('web', runs)
  await swarm.beta.api.act('kill', containerOf(old))
  const next = await swarm.task('web', (one) => runs(one) && one.ID !== old.ID)
  expect(await says(['web.1', 'hostname'])).toBe(containerOf(next).slice(0, 12))
  await swarm.task('web', ({ ID, Status }) => ID === old.ID && Status.State === 'failed')
  for (const name of [`task:${old.ID}`, `web.1.${old.ID}`]) {
    const stderr = await refusal([name, 'true'])
    expect(stderr).toMatch(`docker-bash: ${old.ID} (web.1) does not run: failed `)
    expect(stderr).toMatch(` ago on node ${shown} (${swarm.beta.address}): task: non-zero exit (137)\n`)
    expect(stderr).toMatch(`its successor runs on node ${shown}: docker-bash web.1\n`)
  }
  // On its own node the container is still there.
  const { stderr } = await run([`web.1.${old.ID}`, 'true'], { ...options(), place: swarm.beta.engine })
  expect(stderr).toMatch(/is not running: it exited .* with code 137\n {2}it was a task of a swarm: docker-bash web.1 /)
  await swarm.remove('web')
})

test('one that does not come to run: its state and the engine’s reason', async () => {
  await swarm.service('fails', { replicas: 1, command: ['sh', '-c', 'exit 3'], wait: false })
  await swarm.task('fails', ({ Status }) => Status.State === 'failed')
  expect(await refusal(['fails.1', 'true'])).toMatch(
    /fails\.1 (does not run|is not on node)[\s\S]*(exit \(3\)|has just ended)/,
  )
  await swarm.remove('fails')
  await swarm.service('nowhere', { replicas: 1, constraints: ['node.labels.no==such'], wait: false })
  await swarm.task('nowhere', ({ Status }) => /no suitable node/.test(Status.Err ?? ''))
  expect(await refusal(['nowhere.1', 'true'])).toMatch(/nowhere\.1 does not run: pending for .*: no suitable node/)
  expect(await refusal(['service:nowhere', 'true'])).toMatch('docker service ps --no-trunc nowhere')
  await swarm.remove('nowhere')
  await swarm.service('odd', { replicas: 1, command: ['/no\u001b[31msuch'], constraints: only('alpha'), wait: false })
  await swarm.task('odd', ({ Status }) => /no.*such/.test(Status.Err ?? ''))
  expect(await refusal(['odd.1', 'true'])).toMatch(/odd\.1 does not run: /)
  await swarm.remove('odd')
})

test('a node drained in mid-session: the session ends as its process did, and -v says why', async () => {
  await swarm.service('moves', { replicas: 1, constraints: [] })
  await swarm.availability(swarm.alpha.id, 'drain')
  const before = await swarm.task('moves', (one) => runs(one) && one.NodeID === swarm.beta.id)
  await swarm.availability(swarm.alpha.id, 'active')
  for (const via of ['exec', 'runc']) {
    if (via === 'runc') {
      await swarm.availability(swarm.beta.id, 'active')
      await swarm.availability(swarm.alpha.id, 'drain')
      await swarm.task('moves', (one) => runs(one) && one.NodeID === swarm.beta.id)
      await swarm.availability(swarm.alpha.id, 'active')
    }
    const running = start(['-v', '--via', via, 'moves.1', 'sh', '-c', 'echo ready; sleep 7201'], options())
    await running.said(/ready/)
    await swarm.availability(swarm.beta.id, 'drain')
    const { code, stderr } = await running.ended
    // Killed with its container; or nobody could tell any more how it ended.
    expect([137, 255]).toContain(code)
    expect(stderr).toMatch(
      `docker-bash: moves.1 was ended by the swarm: node ${shown} (${swarm.beta.address}) is drained`,
    )
    const after = await swarm.task('moves', (one) => runs(one) && one.NodeID === swarm.alpha.id)
    expect(await says(['moves.1', 'hostname'])).toBe(containerOf(after).slice(0, 12))
  }
  expect(await refusal([`task:${before.ID}`, 'true'])).toMatch(
    /on node .*, which is drained\n {2}its successor runs on node alpha: docker-bash moves\.1\n/,
  )
})

test('a global service’s task on a drained node has no successor: that is said', async () => {
  await swarm.availability(swarm.beta.id, 'active')
  await swarm.service('each', { global: true })
  await swarm.availability(swarm.beta.id, 'drain')
  await swarm.task('each', ({ NodeID, Status }) => NodeID === swarm.beta.id && Status.State === 'shutdown')
  expect(await refusal([`each.${swarm.beta.id}`, 'true'])).toMatch(
    /does not run: shutdown .* ago on node .*, which is drained/,
  )
  expect(await says(['service:each', 'hostname'])).toMatch(/^[0-9a-f]{12}$/)
  await swarm.availability(swarm.beta.id, 'active')
  await swarm.remove('each')
})

test('a node that goes down: said at once when its engine is gone, and by the swarm’s own word soon after', async () => {
  await swarm.service('bound', { replicas: 1, constraints: only('beta') })
  await swarm.service('both', { replicas: 2 })
  const running = start(['-v', '--via', 'exec', 'bound.1', 'sh', '-c', 'echo ready; sleep 7202'], options())
  await running.said(/ready/)
  await swarm.beta.engine.kill()
  const { code, stderr: lost } = await running.ended
  expect(code).toBe(255)
  expect(lost).toMatch(/lost bound\.1\./)
  const stderr = await refusal(['bound.1', 'true'])
  // The managers may have noticed by now.
  expect(stderr).toMatch(/docker-bash: bound\.1 (is on node|does not run)/)
  expect(stderr).toMatch(`on node ${shown} (${swarm.beta.address}), `)
  await swarm.nodeState(swarm.beta.id, 'down')
  const down = await refusal(['bound.1', 'true'])
  expect(down).toMatch(/docker-bash: bound\.1 .*(no suitable node|which is down)/)
  expect(down).toMatch(`on node ${shown} (${swarm.beta.address}), which is down`)
  // The other service's tasks have been moved, and are followed.
  for (const slot of [1, 2]) {
    const task = await swarm.task('both', (one) => one.Slot === slot && runs(one) && one.NodeID === swarm.alpha.id)
    expect(await says([`both.${slot}`, 'hostname'])).toBe(containerOf(task).slice(0, 12))
  }
})
