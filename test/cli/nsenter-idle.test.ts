/** What keeps a session by nsenter waits for events: it never looks whether something has happened. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { readStat } from '../../src/lib/host/proc'
import { start } from '../support/cli'
import { container } from '../support/containers'
import { waitForProcess } from '../support/processes'

/** How often a process has gone to sleep so far. */
const sleeps = (pid: number) =>
  /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]

test.each(['-T', '-t'])('%s: an idle session does not wake up, and its end is told to it', async (flag) => {
  const { id, name } = await container({ image: 'busybox' })
  const running = start([flag, '--via', 'nsenter', name, 'sleep', '7301'], { input: 'open' })
  const { pid } = await waitForProcess(id, /^sleep 7301$/)
  const supervisor = readStat(pid)?.parent ?? 0
  const held = () => readdirSync(`/proc/${supervisor}/fd`).map((fd) => readlinkSync(`/proc/${supervisor}/fd/${fd}`))
  expect(held()).toContain('anon_inode:[pidfd]')
  // Whatever it has to do at the start is done by then.
  await wait(300)
  const before = sleeps(supervisor)
  await wait(700)
  expect(sleeps(supervisor)).toBe(before)
  process.kill(pid, 'SIGKILL')
  expect((await running.ended).code).toBe(137)
})
