/** A start that hangs in the runtime: it reads the container's /etc/passwd, and that may be a FIFO nobody writes to. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { ended, processes } from '../../scripts/proc.mjs'
import { endUnbegun } from '../../src/lib/host/unbegun-exec'
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { slowness } from '../support/pace'
import { until } from '../support/until'

/** Whether a runtime is on its way in. Not by the engine, which answers nothing about the container as long as it is. */
function isStuck(space: string): boolean {
  return processes().some(({ pid, args }) => {
    try {
      return args[1] === 'init' && readlinkSync(`/proc/${pid}/ns/pid`) === space
    } catch {
      // It ended meanwhile.
      return false
    }
  })
}

test.each([['runc'], ['exec']])('by %s: a signal ends docker-bash, and what hangs with it', async (via) => {
  const { id, name } = await container({ image: 'busybox' })
  const space = readlinkSync(`/proc/${(await docker().inspect(id)).State.Pid}/ns/pid`)
  const words = ['--via', via, '-n', name, 'echo', 'in']
  expect((await run(words)).code).toBe(0)
  expect((await run([name, 'sh', '-c', 'rm /etc/passwd; mkfifo /etc/passwd'])).code).toBe(0)
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    const running = start(words, { timeoutMs: 60_000 })
    const stuck = (is: boolean) => () => isStuck(space) === is
    await until(stuck(true), 10_000, () => 'nothing is stuck')
    const from = performance.now()
    running.kill(signal)
    const how = await running.ended
    expect({ via, code: how.code ?? how.signal }).toEqual({ via, code: how.code === null ? signal : code })
    expect(performance.now() - from).toBeLessThan(8000 * (await slowness()))
    await until(stuck(false), 10_000, () => 'it is still stuck')
  }
  await docker().act('kill', id)
})

test('whose words only sound like a runtime’s has nothing ended for it', async () => {
  const script = 'sleep 7633 & echo $!; wait'
  const liar = spawn('setpriv', ['--reuid=65534', '--clear-groups', 'sh', '-c', script, 'runc', '/x/abc.pid'])
  try {
    const [said] = (await once(liar.stdout, 'data')) as [Buffer]
    endUnbegun('abc')
    // That nothing happens has no event; what is killed is gone by then.
    await wait(300)
    expect(ended(Number(said))).toBe(false)
  } finally {
    liar.kill('SIGKILL')
    for (const { pid, args } of processes()) if (args.join(' ') === 'sleep 7633') process.kill(pid, 'SIGKILL')
  }
})
