/** Where the watchdog of an exec is: on the host for root who can see the command from there, else inside. */
import { request } from '../../scripts/engine-http.mjs'
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'
import { waitForProcess, waitGone } from '../support/processes'

/** A PID namespace of its own: what runs in containers has no number there. */
const apart = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc']

/** How many execs the engine has started in a container since then. */
async function execs(id: string, since: number): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ container: [id], event: ['exec_start'] }))
  const query = `since=${since}&until=${Date.now() / 1000 + 1}&filters=${filters}`
  const { text } = await request(docker().host, 'GET', `/events?${query}`)
  return text.split('"Action":"exec_start').length - 1
}

test.each([
  ['on the host: one exec', [], 1],
  ['inside, where the host’s processes are not to be seen: two', apart, 2],
])('%s', async (_, under, number) => {
  const { id, name } = await container({ image: 'busybox' })
  const since = Date.now() / 1000
  const { code, stdout } = await run(['--via', 'exec', name, 'sh', '-c', 'echo in; exit 7'], { under })
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 7, stdout: 'in\n' })
  expect(await execs(id, since)).toBe(number)
  const running = start(['--via', 'exec', name, 'sleep', '7100'], { under })
  await waitForProcess(id, /^sleep 7100$/, 20_000)
  running.kill('SIGKILL')
  await waitGone(id, /7100|docker-bash/, 10_000)
})

test('explain says which', async () => {
  const { name } = await container({ image: 'busybox' })
  const costs = async (under: readonly string[]) => {
    const { stdout, stderr } = await run(['explain', '--via', 'exec', name], { under, cwd: '/' })
    return `${stdout}${stderr}`
  }
  expect(await costs([])).not.toContain('twice')
  expect(await costs(asNobody())).toContain('twice')
})
