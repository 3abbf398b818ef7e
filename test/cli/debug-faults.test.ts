/** kill -9 at any moment of a start, for every way of debug: nothing stays, and nothing was written. */
import { readFileSync } from 'node:fs'
import { type RunOptions, run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { changesOf, lostVolumes, nothingLeft } from '../support/debug'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'
import { processesOf } from '../support/processes'
import { busybox, importToolbox } from '../support/toolboxes'
import { until } from '../support/until'

const bare = () => container({ image: 'bare', user: '4711', hostConfig: { ReadonlyRootfs: true, CapDrop: ['ALL'] } })
const ended = async () => {
  const made = await container({ image: 'bare', cmd: ['/bare', 'exit', '3'] })
  await docker().wait(made.id)
  return made
}
/** But for those of engines, which make and end containers meanwhile. */
const hostMounts = () =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => !line.includes('docker-bash-engine-'))
const beside = (): RunOptions => ({ under: asNobody(), cwd: '/' })

const ways: readonly [string, () => Promise<Container>, () => RunOptions, readonly string[]][] = [
  ['as root on the host', bare, () => ({}), []],
  ['from a container beside', bare, beside, []],
  ['from a container beside, tools of an image', bare, beside, ['--toolbox', 'test/killed']],
  ['in a copy', ended, () => ({}), []],
  ['in a copy, tools of an image', ended, beside, ['--toolbox', 'test/killed']],
]

beforeAll(() =>
  importToolbox('test/killed', [
    { path: 'bin/', mode: 0o755 },
    { path: 'bin/sh', mode: 0o755, bytes: busybox() },
  ]),
)

test.each(ways)('%s', async (_, make, options, flags) => {
  const { id, name } = await make()
  const words = ['debug', ...flags, '-c', 'sleep 7501', name]
  const { Pid } = (await docker().inspect(id)).State
  const mounts = () => (Pid ? readFileSync(`/proc/${Pid}/mountinfo`, 'utf8') : '')
  const before = { mounts: mounts(), host: hostMounts(), lost: await lostVolumes() }
  const count = (await processesOf(id)).length
  // How long a whole one takes is how far the moments reach.
  const from = Date.now()
  await run(['debug', ...flags, '-c', 'true', name], options())
  const whole = Date.now() - from
  for (let moment = 0; moment < 14; moment++) {
    const running = start(words, options())
    await new Promise((resolve) => setTimeout(resolve, (whole * (moment + 1)) / 14))
    running.kill('SIGKILL')
    await running.ended
  }
  await nothingLeft(id, before.lost, 40_000)
  await until(
    async () => (await processesOf(id)).length === count,
    10_000,
    async () => JSON.stringify((await processesOf(id)).map(({ line }) => line)),
  )
  expect({ mounts: mounts(), host: hostMounts() }).toEqual({
    mounts: before.mounts,
    host: before.host,
  })
  expect(await changesOf(id)).toBeNull()
})
