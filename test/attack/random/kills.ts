/** Our side is killed at a moment of chance: docker-bash, one of its children, or all of it at once. */
import { type HostProcess, processes } from '../../../scripts/proc.mjs'
import { start } from '../../support/cli'
import { type Container, container } from '../../support/containers'
import { docker } from '../../support/docker-api'
import { processesOf, waitGone } from '../../support/processes'
import { until } from '../../support/until'
import type { Attack } from './attack'

let shelled: Container
let bare: Container
let number = 7_600_000

export const kills: Attack = {
  async prepare() {
    shelled = await container({ image: 'busybox' })
    bare = await container({ image: 'bare' })
  },

  async attempt(draw, say) {
    const via = draw.pick(['runc', 'exec', 'nsenter', 'debug'])
    const box = via === 'debug' ? bare : shelled
    const flags = draw.pick([[], [], ['-t'], ['-n']])
    const victim = draw.pick(['docker-bash', 'a child', 'all'])
    const after = draw.int(0, 1_200)
    const seconds = String(number++)
    say(`${via} ${flags.join('')} into ${box.name}: ${victim} killed after ${after} ms`)

    const before = (await docker().list()).length
    const words =
      via === 'debug' ? ['sleep', seconds] : ['sh', '-c', `trap "" HUP INT; sleep ${seconds}; sleep ${seconds}`]
    const running = start([...flags, '--via', via, box.name, ...words], { input: 'open' })
    await new Promise((resolve) => setTimeout(resolve, after))
    const below = descendants(running.pid)
    const killed =
      victim === 'all' ? [running.pid, ...below] : victim === 'a child' ? below.slice(0, draw.int(0, 3)) : []
    for (const pid of victim === 'docker-bash' ? [running.pid] : killed) kill(pid)
    // A child that was not needed any more ends nothing: then we do.
    const late = setTimeout(() => running.kill('SIGTERM'), 5_000)
    const { code } = await running.ended
    clearTimeout(late)
    expect(code).not.toBe(0)
    await waitGone(box.id, new RegExp(seconds), 30_000)
    await until(
      async () => (await docker().list()).length <= before,
      30_000,
      async () => JSON.stringify((await docker().list()).map(({ Names }) => Names)),
    )
    await until(
      () => !processes().some(({ args, pid }) => pid !== process.pid && args.some((word) => word.includes(seconds))),
      30_000,
      () => JSON.stringify(processes().filter(({ args }) => args.some((word) => word.includes(seconds)))),
    )
    expect((await processesOf(box.id)).length).toBeLessThan(10)
  },
}

/** All below a process, the nearest first. What runs in a container descends from its supervisor, not from us. */
function descendants(ancestor: number): number[] {
  const all: HostProcess[] = processes()
  const found: number[] = [ancestor]
  for (const parent of found) found.push(...all.filter(({ ppid }) => ppid === parent).map(({ pid }) => pid))
  return found.slice(1)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
