import { DockerBashError } from '../../../../src/lib/errors'
import type { SwarmNode, Task } from '../../../../src/lib/target/swarm/api'
import { notRunning, requireTask, runningOf, takeTask } from '../../../../src/lib/target/swarm/choose'

const node = (id: string, changes: Partial<SwarmNode> = {}): SwarmNode => ({
  id,
  name: id,
  address: '10.0.0.1',
  state: 'ready',
  message: '',
  availability: 'active',
  ...changes,
})
const nodes = new Map(
  [
    node('a'),
    node('off', { state: 'down', message: 'heartbeat failure' }),
    node('idle', { availability: 'drain' }),
  ].map((one) => [one.id, one]),
)
const known = { service: 'web', nodes }

let made = 0
const task = (changes: Partial<Task> = {}): Task => ({
  id: `t${++made}`,
  serviceId: 's',
  slot: 2,
  nodeId: 'a',
  state: 'running',
  desired: 'running',
  error: '',
  since: Date.now() - 5_000,
  createdAt: made,
  container: 'c'.repeat(64),
  ...changes,
})
function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (error instanceof DockerBashError) return [error.message, ...error.lines, error.hint].join('\n')
    throw error
  }
  throw new Error('no refusal')
}

test('of several that run the newest, on a node that is there, and meant to go on', () => {
  const [old, young] = [task(), task()]
  const others = [task({ nodeId: 'off' }), task({ desired: 'shutdown' }), task({ nodeId: 'unheard' })]
  expect(runningOf([old, young, ...others], nodes)).toEqual([young, old])
  expect(takeTask([...others, young, old], known)).toBe(young)
  // What a worker calls a container's ID and is none is not asked for.
  const { container: _, ...without } = task()
  expect(runningOf([without], nodes)).toEqual([])
})

test('why none runs: its node, its state, the one before it', () => {
  expect(refusal(() => takeTask([task({ nodeId: 'off' })], known))).toBe(
    'web.2 is on node off (10.0.0.1), which is down: heartbeat failure\n' +
      'docker node ls shows the nodes; docker service ps --no-trunc web shows its tasks',
  )
  const failed = task({ state: 'failed', desired: 'shutdown', error: 'task: non-zero exit (3)' })
  const { nodeId: _, ...pending } = task({ state: 'pending', error: 'no suitable node' })
  expect(refusal(() => takeTask([failed, pending], known))).toBe(
    'web.2 does not run: pending for 5 seconds: no suitable node\n' +
      'before it: failed 5 seconds ago on node a (10.0.0.1): task: non-zero exit (3)\n' +
      'docker service ps --no-trunc web shows its tasks',
  )
  const moved = task({ nodeId: 'idle', desired: 'shutdown' })
  expect(refusal(() => takeTask([moved], known))).toMatch(
    'web.2 does not run: being shut down on node idle (10.0.0.1), which is drained',
  )
  expect(notRunning([], known).message).toBe('web has no task')
})

test('a task by its ID is that one, or where its successor runs', () => {
  const successor = task({ createdAt: 1000 })
  const old = task({ state: 'shutdown', desired: 'shutdown', id: 'old' })
  expect(() => requireTask(successor, [old, successor], known)).not.toThrow()
  expect(refusal(() => requireTask(old, [old, successor, task({ slot: 3 })], known))).toBe(
    'old (web.2) does not run: shutdown 5 seconds ago on node a (10.0.0.1)\n' +
      'its successor runs on node a: docker-bash web.2',
  )
  expect(refusal(() => requireTask(old, [old, task({ slot: 3 })], known))).toMatch('shows what became of it')
})
