/** docker-bash is killed at a moment of chance. All of our side at once is killed-together.test.ts. */
import { processes } from '../../../scripts/proc.mjs'
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
    const after = draw.int(0, 1_200)
    const seconds = String(number++)
    say(`${via} ${flags.join('')} into ${box.name}: killed after ${after} ms`)

    const before = (await docker().list()).length
    const words =
      via === 'debug' ? ['sleep', seconds] : ['sh', '-c', `trap "" HUP INT; sleep ${seconds}; sleep ${seconds}`]
    const running = start([...flags, '--via', via, box.name, ...words], { input: 'open' })
    await new Promise((resolve) => setTimeout(resolve, after))
    running.kill('SIGKILL')
    const { code } = await running.ended
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
