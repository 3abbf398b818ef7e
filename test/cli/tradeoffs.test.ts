/**
 * The table of trade-offs, measured: every cell by a check on a real container. docs/tradeoffs.md is what comes out.
 * Where it differs the test fails; `WRITE_PAGES=1 npm test -- test/cli/tradeoffs` writes the page anew.
 */
import { chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../../scripts/engine-http.mjs'
import { readProc } from '../../src/lib/host/proc'
import { type TransportName, transportNames } from '../../src/lib/model'
import { tradeoffsPage } from '../../src/lib/tradeoffs/markdown'
import { judgeProbe, probe, readHeld, readProbe } from '../../src/lib/tradeoffs/probe'
import { properties } from '../../src/lib/tradeoffs/table'
import { type Result, type RunOptions, run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { importImage, privateEngine, root, scratch } from '../support/engine'
import { waitForProcess, waitGone } from '../support/processes'
import { ensureSshdImage, sshdContainer, type TestKey, testKey } from '../support/sshd'

let key: TestKey
let subject: Container
const measured = new Map<string, Map<TransportName, string>>()

const flagsFor = (via: TransportName) => ['--via', via, ...(via === 'ssh' ? ['-i', key.path] : [])]
const enter = (via: TransportName, name: string, words: string[], options: RunOptions = {}) =>
  run([...flagsFor(via), name, ...words], options)
const note = (id: string, via: TransportName, cell: boolean | string) => {
  const row = measured.get(id) ?? new Map<TransportName, string>()
  measured.set(id, row.set(via, typeof cell === 'string' ? cell : cell ? 'yes' : 'no'))
}

/**
 * Whether it came in and said `said`. What did not has to give the reason that makes the cell a "no": anything else that
 * went wrong fails the test.
 */
function wentIn({ code, stdout, stderr }: Result, said: string, refusal: RegExp): boolean {
  if (code === 0 && stdout.toString() === said) return true
  expect({ code, stderr }).toEqual({ code: expect.any(Number), stderr: expect.stringMatching(refusal) })
  expect(code).not.toBe(0)
  return false
}

/** One row: a check for every transport, one after the other. */
const measure = (id: string, check: (via: TransportName) => Promise<boolean | string>, timeoutMs?: number) =>
  test(
    properties.find((property) => property.id === id)?.title ?? id,
    async () => {
      for (const via of transportNames) note(id, via, await check(via))
    },
    timeoutMs,
  )

beforeAll(async () => {
  key = testKey()
  await ensureSshdImage()
  const hostConfig = { PidsLimit: 40, CapDrop: ['MKNOD'], GroupAdd: ['audio'] }
  subject = await sshdContainer({ key, env: ['MARK=image'], hostConfig })
})

test('what is seen by looking: control groups, seccomp, capabilities, environment, user, label', async () => {
  const { Pid } = (await docker().inspect(subject.id)).State
  const file = (name: string) => readProc(Pid, name) ?? ''
  const first = readHeld(file('status'), file('cgroup'), file('attr/current'))
  // sshd drops its groups; a command of the engine's own exec has them.
  const byExec = await run(['--via', 'exec', '-c', probe, subject.name])
  const own = { ...first, user: readProbe(byExec.stdout.toString()).user }
  for (const via of transportNames) {
    const { stdout, stderr, code } = await run([...flagsFor(via), '-c', probe, subject.name])
    expect({ via, code, stderr }).toMatchObject({ code: 0 })
    const cells = judgeProbe(stdout.toString(), own, ['MARK'])
    for (const [id, cell] of Object.entries(cells)) note(id, via, cell)
  }
})

measure('limits', async (via) => {
  // dash ends when it cannot fork, and does not try again.
  const script = 'for i in $(seq 60); do sleep 2 & done; echo all'
  const result = await enter(via, subject.name, ['dash', '-c', script])
  await waitGone(subject.id, /^sleep 2$/, 10_000)
  return !wentIn(result, 'all\n', /Cannot fork/)
})

measure('ends', async (via) => {
  const mark = `75${transportNames.indexOf(via)}1`
  const running = start([...flagsFor(via), subject.name, 'sleep', mark])
  await waitForProcess(subject.id, new RegExp(`^sleep ${mark}$`))
  running.kill('SIGKILL')
  await running.ended
  const gone = waitGone(subject.id, new RegExp(`^sleep ${mark}$`), 4_000)
  return gone.then(
    () => true,
    (error) => {
      expect(String(error)).toMatch(/not within/)
      return false
    },
  )
})

measure('root', async (via) => {
  const { gid } = statSync(docker().host.slice('unix://'.length))
  const home = scratch('nobody')
  copyFileSync(key.path, join(home, 'key'))
  for (const path of [join(home, 'key'), home]) chownSync(path, 65534, gid)
  const under = ['setpriv', '--reuid=65534', `--regid=${gid}`, '--clear-groups']
  const script = via === 'debug' ? ['-c', 'echo in'] : []
  const identity = via === 'ssh' ? ['-i', join(home, 'key')] : []
  const words = via === 'debug' ? [] : ['echo', 'in']
  const flags = ['--via', via, ...identity, ...script]
  const result = await run([...flags, subject.name, ...words], { under, env: { HOME: home }, cwd: '/' })
  return !wentIn(result, 'in\n', /only root on the engine’s host/)
})

measure('sshd', async (via) => {
  const { name } = await container({ image: 'debian' })
  return !wentIn(await enter(via, name, ['true']), '', /there is no sshd in the container/)
})

measure('network', async (via) => {
  const { name } = await sshdContainer({ key, hostConfig: { NetworkMode: 'none' } })
  return !wentIn(await enter(via, name, ['echo', 'in']), 'in\n', /no network|address/)
})

measure('events', async (via) => {
  const since = Date.now() / 1000
  expect((await enter(via, subject.name, ['true'])).code).toBe(0)
  const filters = encodeURIComponent(JSON.stringify({ container: [subject.id], event: ['exec_start'] }))
  const query = `since=${since}&until=${Date.now() / 1000}&filters=${filters}`
  const { text } = await request(docker().host, 'GET', `/events?${query}`)
  return text.includes('exec_start')
})

measure('terminal', async (via) => {
  const { stdout } = await run(['-t', ...flagsFor(via), subject.name, 'sh', '-c', 'test -c $(tty) && tty'])
  return /^\/dev\/pts\/\d+\r\n/.test(stdout.toString())
})

measure('paused', async (via) => {
  const { id, name } = await sshdContainer({ key })
  await docker().act('pause', id)
  const result = await enter(via, name, ['true'])
  await docker().act('unpause', id)
  return wentIn(result, '', /is paused: nothing in it can run/)
})

measure('shell', async (via) => {
  const { name } = await container({ image: 'bare' })
  // An sshd that cannot be asked for its keys is one that is not there.
  const none = /there is no shell in the container|its sshd has no host keys/
  return wentIn(await run([...flagsFor(via), '-c', 'echo in', name]), 'in\n', none)
})

describe('with an engine of its own', () => {
  let engine: Awaited<ReturnType<typeof privateEngine>>
  let inside: Container
  beforeAll(async () => {
    engine = await privateEngine([], { args: ['--live-restore'] })
    await importImage(engine.host, 'sshd')
    const cmd = [
      'sh',
      '-c',
      `mkdir -p -m 700 /root/.ssh /run/sshd; echo '${key.public}' >/root/.ssh/authorized_keys; exec /usr/sbin/sshd -D -e -p 2222`,
    ]
    inside = await container({ image: 'sshd', cmd, on: docker(engine.host) })
  })
  const place = () => ({ host: engine.host, ...(engine.netns && { netns: engine.netns }) })

  measure('hung', async (via) => {
    process.kill(engine.pid ?? 0, 'SIGSTOP')
    try {
      const running = start([...flagsFor(via), inside.id, 'echo', 'in'], { place: place(), timeoutMs: 60_000 })
      // Whoever waits for the engine says so; there is no need to wait until it gives up.
      const waits = running.said(/waiting for the engine/, 'stderr', 60_000).then(
        () => true,
        () => false,
      )
      if (await waits) running.kill('SIGKILL')
      const { code, stdout } = await running.ended
      if (!(await waits)) expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
      return !(await waits)
    } finally {
      process.kill(engine.pid ?? 0, 'SIGCONT')
    }
  })

  measure('restart', async (via) => {
    const script = 'echo ready; read line; echo "got $line"'
    const running = start([...flagsFor(via), inside.name, 'sh', '-c', script], {
      place: place(),
      input: 'open',
      timeoutMs: 60_000,
    })
    await running.said(/ready/)
    await engine.restart()
    running.stdin.end('word\n')
    return wentIn(await running.ended, 'ready\ngot word\n', /^docker-bash: lost /m)
  })
})

test('docs/tradeoffs.md holds what was measured, and so does `explain --compare`', () => {
  const seen = properties.map((property) => ({
    ...property,
    cells: cellsOf(property.id),
  }))
  const page = tradeoffsPage(seen)
  const file = join(root, 'docs', 'tradeoffs.md')
  if (process.env.WRITE_PAGES) writeFileSync(file, page)
  expect(seen).toEqual(properties)
  expect(readFileSync(file, 'utf8')).toBe(page)
})

function cellsOf(id: string): Record<TransportName, string> {
  const cell = (via: TransportName) => measured.get(id)?.get(via) ?? '?'
  return Object.fromEntries(transportNames.map((via) => [via, cell(via)])) as Record<TransportName, string>
}
