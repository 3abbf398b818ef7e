/** Completion on a manager of a swarm: its services and their tasks, on whichever node. */
import { complete } from '../support/complete'
import { makeSwarm, type Swarm } from '../support/swarm'

let swarm: Swarm
beforeAll(async () => {
  swarm = await makeSwarm()
  await swarm.service('shop', { replicas: 2 })
  await swarm.service('everywhere', { global: true })
})

test('tasks by service and slot, or node; services behind their prefix', async () => {
  const place = { place: swarm.alpha.engine }
  const tasks = (await complete(['shop.'], place)).words.filter((word) => /^shop\.\d$/.test(word ?? ''))
  expect(tasks.sort()).toEqual(['shop.1', 'shop.2'])
  expect((await complete(['task:shop.'], place)).words.sort()).toEqual(['task:shop.1', 'task:shop.2'])
  expect((await complete(['everywhere.'], place)).words).toEqual(
    expect.arrayContaining([`everywhere.${swarm.alpha.id}`, `everywhere.${swarm.beta.id}`]),
  )
  expect((await complete(['service:'], place)).words.sort()).toEqual(['service:everywhere', 'service:shop'])
})

test('a worker knows the containers on it, and no more', async () => {
  const place = { place: swarm.beta.engine }
  expect((await complete(['service:'], place)).words).toEqual([])
  expect((await complete(['task:shop'], place)).words).toEqual([])
})
