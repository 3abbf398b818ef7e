/** What a container can do between our start and the first word of the session: flood, be silent, take no signal. */
import { readFileSync, writeFileSync } from 'node:fs'
import { run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { processesOf, waitForProcess, waitGone } from '../support/processes'

/** A container whose /bin/sh is another program. */
async function withShell(script: string): Promise<Container> {
  const made = await container({ image: 'busybox' })
  const text = ['#!/bin/busybox sh', script].join('\n')
  const replace = `rm /bin/sh; printf '%s\\n' "$0" >/bin/sh; chmod 755 /bin/sh`
  await docker().inside(made.id, ['/bin/busybox', 'sh', '-c', replace, text])
  return made
}

const silent = `trap '' HUP INT TERM QUIT PIPE; exec 2>/dev/null; while :; do sleep 7201; done`
const flood = 'exec yes a-line-that-says-nothing'

let mute: Container
let loud: Container
/** Take as long as they say, so they run beside all others. */
let patient: ReturnType<typeof run>[]

beforeAll(async () => {
  ;[mute, loud] = await Promise.all([withShell(silent), withShell(flood)])
  const own = await withShell(silent)
  patient = [['exec'], ['runc', '-t']].map((by) => run(['--via', ...by, own.name, 'true'], { timeoutMs: 50_000 }))
  for (const one of patient) one.catch(() => undefined)
})

const byExec: [string, string[]][] = [
  ['exec', ['--via', 'exec']],
  ['exec, with a terminal', ['--via', 'exec', '-t']],
]
describe.each(byExec)('by %s', (_, by) => {
  test('what prints without end is ended, and so are we', async () => {
    const { code, stdout, stderr, maxRssKb } = await run([...by, loud.name, 'true'], { memory: true })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toContain(`more than 1 MiB came from ${loud.name} before the command began`)
    expect(stderr).not.toContain('no engine')
    expect(maxRssKb).toBeLessThan(160_000)
    await waitGone(loud.id, /a-line-that-says-nothing/)
  })
})

describe.each([...byExec, ['runc, with a terminal', ['--via', 'runc', '-t']] as const])('by %s', (_, by) => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'what is silent and deaf does not keep us from %s',
    async (name) => {
      const running = start([...by, mute.name, 'true'])
      await waitForProcess(mute.id, /docker-bash:/, 20_000)
      const from = performance.now()
      running.kill(name)
      const { code, stderr } = await running.ended
      expect({ code, stderr }).toEqual({ code: { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 }[name], stderr: '' })
      expect(performance.now() - from).toBeLessThan(6000)
      await waitGone(mute.id, /docker-bash:/, 10_000)
    },
  )
})

/** Stops or continues all of a container, without its engine: its own control group. */
async function freeze(id: string, frozen: boolean): Promise<void> {
  const { Pid } = (await docker().inspect(id)).State
  const lines = readFileSync(`/proc/${Pid}/cgroup`, 'utf8').split('\n')
  const v1 = lines.find((line) => line.includes(':freezer:'))?.split(':')[2]
  const v2 = lines.find((line) => line.startsWith('0::'))?.split(':')[2]
  if (v1 !== undefined) writeFileSync(`/sys/fs/cgroup/freezer${v1}/freezer.state`, frozen ? 'FROZEN' : 'THAWED')
  else writeFileSync(`/sys/fs/cgroup${v2}/cgroup.freeze`, frozen ? '1' : '0')
}

test('by nsenter: what stands still in a frozen container does not keep us, and goes when it thaws', async () => {
  const { id, name } = await container({ image: 'busybox' })
  await freeze(id, true)
  const running = start(['--via', 'nsenter', name, 'sleep', '7202'])
  try {
    await new Promise((resolve) => setTimeout(resolve, 2000))
    const from = performance.now()
    running.kill('SIGTERM')
    const { code, signal } = await running.ended
    expect(code ?? signal).toBe(code === null ? 'SIGTERM' : 143)
    expect(performance.now() - from).toBeLessThan(5000)
  } finally {
    await freeze(id, false)
  }
  await waitGone(id, /7202|docker-bash/, 10_000)
})

test('what is silent is given up, and said', async () => {
  for (const { code, stderr } of await Promise.all(patient)) {
    expect(code).toBe(125)
    expect(stderr).toMatch(/nothing in \S+ answered for 20 s: the command did not begin/)
  }
})

test('nothing of all that is left', async () => {
  for (const { id } of [mute, loud]) {
    expect((await processesOf(id)).filter(({ line }) => /docker-bash|a-line-that/.test(line))).toEqual([])
  }
})
