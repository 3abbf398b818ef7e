/** What a fleet asks: all running tasks of a service, each with the engine of its node. */
import { parseHost } from '../../../src/lib/engine/endpoint'
import { connect, type Engine } from '../../../src/lib/engine/engine'
import { runInside } from '../../../src/lib/engine/run'
import { runningTasks } from '../../../src/lib/target/swarm/all'
import { dockerConfig } from '../../support/contexts'
import { scratch } from '../../support/engine'
import { makeSwarm, type Swarm } from '../../support/swarm'

let swarm: Swarm
let alpha: Engine
beforeAll(async () => {
  swarm = await makeSwarm()
  alpha = await connect(parseHost(swarm.alpha.engine.host, 'the test'))
  await swarm.service('web', { replicas: 4 })
})
afterAll(() => alpha.close())

test('every task by its node’s engine; nothing for what is not a service', async () => {
  const env = { HOME: scratch('home'), DOCKER_CONFIG: dockerConfig({ b: swarm.beta.engine.host }) }
  const { reached = [], lost } = (await runningTasks(alpha, 'web', env)) ?? {}
  expect(lost).toEqual([])
  expect(reached.map(({ name }) => name)).toEqual(['web.1', 'web.2', 'web.3', 'web.4'])
  for (const { id, engine } of reached) {
    const { stdout } = await runInside(engine, id, ['hostname'])
    expect(stdout.toString().trim()).toBe(id.slice(0, 12))
  }
  // One engine a node, however many tasks it has.
  const engines = new Set(reached.map(({ engine }) => engine))
  expect([...engines].map(({ endpoint }) => endpoint.host).sort()).toEqual(
    [swarm.alpha.engine.host, swarm.beta.engine.host].sort(),
  )
  for (const engine of engines) if (engine !== alpha) engine.close()
  expect(await runningTasks(alpha, 'nosuch', env)).toBeUndefined()
})

test('a node that nothing leads to spoils only its own tasks', async () => {
  const env = { HOME: scratch('home'), DOCKER_CONFIG: dockerConfig({}) }
  const { reached = [], lost = [] } = (await runningTasks(alpha, 'web', env)) ?? {}
  expect(reached.map(({ engine }) => engine)).toEqual([alpha, alpha])
  expect(lost).toHaveLength(2)
  for (const { name, error } of lost) {
    expect(error.message).toBe(`${name} is on node beta (${swarm.beta.address}), and nothing here leads to its engine`)
  }
})
