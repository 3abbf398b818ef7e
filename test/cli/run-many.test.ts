/** `docker-bash run` in very many containers, and on an engine that dies. */
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { type Engine, privateEngine } from '../support/engine'
import { fleetOf } from '../support/fleet'
import { waitForProcess } from '../support/processes'

const count = 200
let engine: Engine
beforeAll(async () => {
  engine = await privateEngine(['busybox'])
})

test(`${count} containers, with bounded memory`, async () => {
  const on = docker(engine.host)
  // Without a network of its own each starts in half of the time.
  const hostConfig = { NetworkMode: 'host' }
  const { glob } = await fleetOf(count, { on, cmd: ['sleep', '86400'], hostConfig })
  const place = { host: engine.host }
  for (const via of ['runc', 'exec']) {
    const script =
      'echo begin; head -c 300000 /dev/zero | tr "\\0" x; echo; sed -n "s/.*containers.\\([0-9a-f]\\{12\\}\\).*hostname .*/\\1/p" /proc/self/mountinfo'
    const options = { place, memory: true, timeoutMs: 200_000 }
    const { code, stdout, stderr, maxRssKb } = await run(['run', '--via', via, glob, '-c', script], options)
    expect({ code, stderr }).toEqual({ code: 0, stderr: `docker-bash: ${count} of ${count} ended with 0\n` })
    const hosts = stdout.toString().match(/\| [0-9a-f]{12}$/gm) ?? []
    expect(new Set(hosts).size).toBe(count)
    expect(maxRssKb).toBeLessThan(250_000)
  }
  const all = await run(['run', '--all', '--parallel', '64', '--', 'true'], { place, timeoutMs: 200_000 })
  expect(all.code).toBe(0)
}, 600_000)

test('an engine that dies in the middle is 255 by exec, never 0', async () => {
  const on = docker(engine.host)
  const { id, name } = await container({ image: 'busybox', on })
  const running = start(['run', '--via', 'exec', name, '--', 'sleep', '7301'], { place: { host: engine.host } })
  await waitForProcess(id, /^sleep 7301$/, 30_000, on)
  await engine.kill()
  const { code, stderr } = await running.ended
  expect({ code, stderr }).toEqual({ code: 255, stderr: expect.stringMatching(/255 {2}lost: /) })
})
