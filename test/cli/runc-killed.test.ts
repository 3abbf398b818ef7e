/** Somebody ends the runtime itself, and not what it runs: that ends all the same. */
import { setTimeout as wait } from 'node:timers/promises'
import { readStat } from '../../src/lib/host/proc'
import { start } from '../support/cli'
import { container } from '../support/containers'
import { slowness } from '../support/pace'
import { waitForProcess, waitGone } from '../support/processes'

test.each([[[]], [['-t']]])('kill -9 of the runtime, flags %j', async (flags) => {
  const { id, name } = await container({ image: 'busybox' })
  const words = ['sh', '-c', 'trap "" HUP TERM; echo ready; sleep 7501; sleep 7502']
  const running = start([...flags, '--via', 'runc', name, ...words])
  const { pid } = await waitForProcess(id, /^sh -c trap "" HUP TERM; /)
  await running.said(/ready/)
  // What runs is noted when a session is half a second old.
  await wait(1_000 * (await slowness()))
  process.kill(readStat(pid)?.parent ?? 0, 'SIGKILL')
  await waitGone(id, /^sleep 750[12]$|^sh -c trap "" HUP/, 10_000)
  const { code, stderr } = await running.ended
  if (flags.length === 0)
    expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringMatching(/the runtime was ended by SIGKILL/) })
  else expect(code).not.toBe(0)
})
