/** What is known against plain nsenter, tried against ours: see the closed holes in docs/tradeoffs.md. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { namelessFile } from '../../src/lib/host/anonymous-file'
import { readStat } from '../../src/lib/host/proc'
import { readConfinement } from '../../src/lib/namespaces/confinement'
import { wayScript } from '../../src/lib/namespaces/enter'
import { writeOrder } from '../../src/lib/namespaces/request'
import { SessionSupervisor } from '../../src/lib/namespaces/supervisor'
import { run, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { describeInside } from '../support/insides'
import { waitForProcess } from '../support/processes'
import { openTerminal } from '../support/tmux'

const by = (name: string, ...words: string[]) => ['--via', 'nsenter', name, ...words]

test('what is pushed into its terminal stays there: the host’s shell never sees it', async () => {
  const { name, id } = await container({ image: 'debian', hostConfig: { CapAdd: ['SYS_ADMIN'] } })
  const terminal = await openTerminal()
  // TIOCSTI, a byte at a time, by the perl that Debian brings.
  const push = `perl -e 'ioctl(STDIN, 0x5412, $_) or exit 9 for split //, "echo pushed-in\\n"'`
  await terminal.type(`docker-bash ${by(name, 'sh', '-c', `${JSON.stringify(push)}`).join(' ')}; echo "code $?"`)
  await terminal.keys('Enter')
  await terminal.until(/^code \d+$/m)
  await terminal.type('echo still mine')
  await terminal.keys('Enter')
  const seen = await terminal.until(/^still mine$/m)
  expect(seen).not.toMatch(/^pushed-in$/m)
  await terminal.kill()
  // The terminal it has is of the container's own devpts, not ours.
  const own = await run(['-t', ...by(name, 'tty')])
  expect(own.stdout.toString()).toBe('/dev/pts/0\r\n')
  expect((await docker().inspect(id)).State.Running).toBe(true)
})

test('nothing of ours is open inside, and no folder of the host’s', async () => {
  const { name, id } = await container({ image: 'debian' })
  const running = start(by(name, 'sleep', '7101'))
  const inside = await waitForProcess(id, /^sleep 7101$/)
  const open = (await docker().inside(id, ['sh', '-c', `ls -l /proc/${inside.insidePid}/fd`])).stdout
  const ours = [0, 1, 2].map((fd) => `/proc/${inside.pid}/fd/${fd}`)
  expect(open.match(/ -> /g)).toHaveLength(3)
  for (const link of ours) expect(statSync(link).isFIFO() || readlinkSync(link) === '/dev/null').toBe(true)
  expect(readlinkSync(`/proc/${inside.pid}/exe`)).toMatch(/sleep$/)
  expect(readlinkSync(`/proc/${inside.pid}/cwd`)).toBe('/')
  running.kill('SIGTERM')
  expect((await running.ended).code).toBe(143)
})

test('the program that came in is a copy: the host’s own cannot be had through /proc/PID/exe', async () => {
  // May trace whatever it sees, as no container does unless asked: the worst neighbour there is.
  const { id, name } = await container({ image: 'debian', hostConfig: { CapAdd: ['SYS_PTRACE'] } })
  const before = readFileSync('/usr/bin/perl')
  const hunt = `while :; do for p in /proc/[0-9]*; do
    case $(readlink $p/exe 2>/dev/null) in *perl*|*docker-bash*) (echo broken > $p/exe) 2>/dev/null; echo seen >>/tmp/seen ;; esac
  done; done`
  const hunter = docker().inside(id, ['timeout', '6', 'sh', '-c', hunt])
  for (let round = 0; round < 12; round++) expect((await run(by(name, 'true'))).code).toBe(0)
  await hunter
  expect(readFileSync('/usr/bin/perl').equals(before)).toBe(true)
})

test('a PID that is another’s by now is not entered', async () => {
  const child = spawn('sleep', ['100'])
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  const confinement = readConfinement(pid)
  const now = readStat(pid)
  if (!confinement || !now) throw new Error('no such process')
  const order = { confinement, pid, uid: 0, gid: 0, groups: [], cwd: '/', words: ['true'], env: [] }
  const other = await SessionSupervisor.start(['ignore', 'ignore', 'ignore'])
  other.begin({ ...order, start: now.start - 1 })
  await expect(other.started).rejects.toMatchObject({ step: 'gone' })
  const same = await SessionSupervisor.start(['ignore', 'ignore', 'ignore'])
  same.begin({ ...order, start: now.start, env: ['PATH=/bin:/usr/bin'] })
  await same.started
  expect(await same.ended).toEqual({ code: 0 })
  child.kill()
})

test('a supervisor without an order leaves; an order that was cut off is none', async () => {
  const supervisor = await SessionSupervisor.start(['ignore', 'ignore', 'ignore'])
  const left = once(supervisor.child, 'exit')
  supervisor.release()
  expect(await left).toEqual([0, null])

  const child = spawn('sleep', ['100'])
  await once(child, 'spawn')
  const [confinement, stat] = [readConfinement(child.pid ?? 0), readStat(child.pid ?? 0)]
  if (!confinement || !stat) throw new Error('no such process')
  const mark = join(scratch('cut-order'), 'touched')
  const order = writeOrder({
    ...{ confinement, pid: stat.pid, start: stat.start, uid: 0, gid: 0, groups: [], cwd: '/' },
    ...{ words: ['touch', mark], env: ['PATH=/bin:/usr/bin'] },
  })
  const obey = async (text: string) => {
    const fields = await namelessFile(text)
    const perl = spawn('/usr/bin/perl', ['-e', wayScript], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', fields],
    })
    closeSync(fields)
    let said = ''
    ;(perl.stdio[3] as Readable).on('data', (chunk: Buffer) => {
      said += chunk
    })
    const [code] = await once(perl, 'close')
    return { code, said }
  }
  // At the end of each field, where nothing shows it, and in the midst of some.
  const cuts = [...order.matchAll(/\0/g)].flatMap(({ index }) => [index, index + 1]).filter((at) => at < order.length)
  for (const cut of cuts) {
    expect({ cut, ...(await obey(order.slice(0, cut))) }).toEqual({ cut, code: 0, said: '' })
  }
  expect(existsSync(mark)).toBe(false)
  expect((await obey(order)).said).toMatch(/^started \d+\nexit 0\n$/)
  expect(existsSync(mark)).toBe(true)
  child.kill()
})

test('what it starts counts against the container’s limits', async () => {
  const { name } = await container({ image: 'debian', hostConfig: { PidsLimit: 8 } })
  const { stdout } = await run(by(name, 'sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; jobs -p | wc -l'))
  expect(Number(stdout.toString() || 0)).toBeLessThan(8)
})

test('has nothing of the host’s environment, and all else as by exec, but for seccomp', async () => {
  const { name } = await container({ image: 'debian', user: 'games', hostConfig: { CapDrop: ['CHOWN'] } })
  const env = { SECRET_OF_THE_HOST: 'yes', LD_PRELOAD: '' }
  const [exec, nsenter] = await Promise.all(
    ['exec', 'nsenter'].map(async (via) =>
      (await run(['--via', via, name, ...describeInside], { env })).stdout.toString(),
    ),
  )
  expect(nsenter).not.toMatch(/SECRET/)
  expect(nsenter?.replace(/^Seccomp:\t0$/m, 'Seccomp:\t2')).toBe(exec)
  expect(nsenter).toMatch(/^Seccomp:\t0$/m)
})

test('says with -v that the filter is missing', async () => {
  const { name } = await container({ image: 'busybox' })
  const { stderr } = await run(['-v', ...by(name, 'true')])
  expect(stderr).toMatch(/without the seccomp filter of/)
})
