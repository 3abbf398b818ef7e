/**
 * The table of trade-offs, measured: every cell by a check on a real container. docs/tradeoffs.md is what comes out;
 * where it differs, it is written anew and the test fails once, so that the change is seen.
 */
import { chownSync, copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from '../../scripts/engine-http.mjs'
import { readProc } from '../../src/lib/host/proc'
import { type TransportName, transportNames } from '../../src/lib/model'
import { tradeoffsPage } from '../../src/lib/tradeoffs/markdown'
import { judgeProbe, probe, readHeld, readProbe } from '../../src/lib/tradeoffs/probe'
import { properties } from '../../src/lib/tradeoffs/table'
import { type RunOptions, run, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { importImage, privateEngine, root, scratch } from '../support/engine'
import { processesOf, waitForProcess, waitGone } from '../support/processes'
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

/** One row: a check for every transport, one after the other. */
const measure = (id: string, check: (via: TransportName) => Promise<boolean | string>, timeoutMs = 120_000) =>
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
}, 120_000)

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
  const { stdout } = await enter(via, subject.name, ['dash', '-c', script])
  await waitGone(subject.id, /^sleep 2$/, 10_000)
  return !stdout.toString().includes('all')
})

measure('ends', async (via) => {
  const mark = `75${transportNames.indexOf(via)}1`
  const running = start([...flagsFor(via), subject.name, 'sleep', mark])
  await waitForProcess(subject.id, new RegExp(`^sleep ${mark}$`))
  running.kill('SIGKILL')
  await running.ended
  const until = Date.now() + 4_000
  const left = async () => (await processesOf(subject.id)).some(({ line }) => line === `sleep ${mark}`)
  while (await left()) if (Date.now() > until) return false
  return true
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
  const { stdout } = await run([...flags, subject.name, ...words], { under, env: { HOME: home }, cwd: '/' })
  return stdout.toString() !== 'in\n'
})

measure('sshd', async (via) => {
  const { name } = await container({ image: 'debian' })
  return (await enter(via, name, ['true'])).code !== 0
})

measure('network', async (via) => {
  const { name } = await sshdContainer({ key, hostConfig: { NetworkMode: 'none' } })
  const { stdout } = await enter(via, name, ['echo', 'in'])
  return stdout.toString() !== 'in\n'
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
  const { code } = await enter(via, name, ['true'])
  await docker().act('unpause', id)
  return code === 0
})

measure('shell', async (via) => {
  const { name } = await container({ image: 'bare' })
  const { code, stdout } = await run([...flagsFor(via), '-c', 'echo in', name])
  return code === 0 && stdout.toString() === 'in\n'
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
  }, 180_000)
  const place = () => ({ host: engine.host, ...(engine.netns && { netns: engine.netns }) })

  measure('hung', async (via) => {
    process.kill(engine.pid ?? 0, 'SIGSTOP')
    try {
      const running = start([...flagsFor(via), inside.id, 'echo', 'in'], { place: place(), timeoutMs: 60_000 })
      const late = setTimeout(() => running.kill('SIGKILL'), 6_000)
      const { stdout } = await running.ended
      clearTimeout(late)
      return stdout.toString() === 'in\n'
    } finally {
      process.kill(engine.pid ?? 0, 'SIGCONT')
    }
  })

  measure(
    'restart',
    async (via) => {
      const script = 'echo ready; read line; echo "got $line"'
      const running = start([...flagsFor(via), inside.name, 'sh', '-c', script], {
        place: place(),
        input: 'open',
        timeoutMs: 60_000,
      })
      await running.said(/ready/)
      await engine.restart()
      running.stdin.end('word\n')
      const { code, stdout } = await running.ended
      return code === 0 && stdout.toString() === 'ready\ngot word\n'
    },
    240_000,
  )
})

test('docs/tradeoffs.md holds what was measured, and so does `explain --compare`', () => {
  const seen = properties.map((property) => ({
    ...property,
    cells: cellsOf(property.id),
  }))
  const page = tradeoffsPage(seen)
  const file = join(root, 'docs', 'tradeoffs.md')
  const held = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (held !== page) writeFileSync(file, page)
  expect(seen).toEqual(properties)
  expect(held).toBe(page)
})

function cellsOf(id: string): Record<TransportName, string> {
  const cell = (via: TransportName) => measured.get(id)?.get(via) ?? '?'
  return { ssh: cell('ssh'), runc: cell('runc'), exec: cell('exec'), nsenter: cell('nsenter'), debug: cell('debug') }
}
