/** `docker-bash gateway` is killed in the middle of all that a connection can have, as root and without. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { ensurePackages } from '../../scripts/packages.mjs'
import { beside } from '../support/beside'
import { type Running, shell, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { importImage, scratch, sharedEngine } from '../support/engine'
import { asNobody } from '../support/nobody'
import { processesOf, waitForProcess } from '../support/processes'
import { endless } from '../support/to-copy'
import { until } from '../support/until'
import { killTogether, socketsIn, workers } from '../support/workers'

let agent: ChildProcess
let agentSocket: string
const children: ChildProcess[] = []
beforeAll(async () => {
  ensurePackages({ ssh: 'openssh-client' })
  // Its sftp-server serves files where nobody enters.
  await importImage(sharedEngine().host, 'sshd')
  agentSocket = join(scratch('agent'), 'socket')
  agent = spawn('ssh-agent', ['-D', '-a', agentSocket])
  await once(agent.stdout as NodeJS.ReadableStream, 'data')
})
afterAll(() => {
  for (const child of [agent, ...children]) child.kill('SIGKILL')
})

interface Busy {
  readonly box: Container
  /** Its first process, here. */
  readonly first: number
  readonly gate: Running
  readonly port: number
  readonly clients: readonly Running[]
  /** A connection of ours by `-L`, which echoes. */
  readonly through: { readonly isOpen: () => boolean }
  /** Where its temporary files are. */
  readonly places: string
  /** All that works for it. */
  readonly helpers: () => number[]
}

/** Who echoes in the container’s network, and is none of ours. */
const echo = `require('node:net').createServer((one) => one.pipe(one)).listen(7000, '127.0.0.1', () => console.log(1))`

/** Commands that ignore signals, with a terminal and without, a copy, listeners on both sides, and an agent. */
async function busy(under: readonly string[]): Promise<Busy> {
  const box = await container({ image: 'sshd', hostConfig: { NetworkMode: 'none' } })
  const { Pid: first } = (await docker().inspect(box.id)).State
  const server = spawn('nsenter', ['--target', String(first), '--net', process.execPath, '-e', echo])
  children.push(server)
  await once(server.stdout, 'data')
  const { folder, places, big } = endless()
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  const keys = join(folder, 'keys')
  writeFileSync(keys, readFileSync(join(folder, 'key.pub')), { mode: 0o600 })
  if (under.length > 0) for (const path of [folder, places, keys]) chownSync(path, 65534, 65534)
  const env = { HOME: folder, TMPDIR: places, XDG_RUNTIME_DIR: places }
  const gate = start(['gateway', '--listen', '127.0.0.1:0', '--authorized-keys', keys], {
    ...{ under: [...under, ...(under.length > 0 ? [`HOME=${folder}`] : [])], env, timeoutMs: 120_000 },
  })
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(await gate.said(/listening at .*\n/))?.[1])
  const flags = ['-F', 'none', '-o', `ControlPath=${folder}/control`, '-o', 'BatchMode=yes']
  const known = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null']
  const login = ['-i', join(folder, 'key'), '-o', `Port=${port}`, ...known]
  const forwards = [
    ...['-L', `${folder}/l.sock:127.0.0.1:7000`, '-R', `9000:${folder}/none`, '-R', `/tmp/r.sock:${folder}/none`],
  ]
  const options = { program: 'ssh', env: { HOME: folder, SSH_AUTH_SOCK: agentSocket }, timeoutMs: 120_000 }
  const to = `${box.name}@127.0.0.1`
  const plain = 'trap "" HUP TERM; sleep 8811; sleep 8812'
  const clients = [start([...flags, ...login, '-A', '-M', ...forwards, to, plain], options)]
  await waitForProcess(box.id, /^sleep 8811$/, 20_000)
  clients.push(start([...flags, '-tt', to, 'trap "" HUP TERM; sleep 8813; sleep 8814'], options))
  clients.push(start([...flags, '-l', '8000', big, `${to}:/tmp/big`], { ...options, program: 'scp' }))
  await waitForProcess(box.id, /^sleep 8813$/, 20_000)
  const through = connect(join(folder, 'l.sock')).on('error', () => undefined)
  through.write('x')
  await once(through, 'data')
  await until(
    () => existsSync(`/proc/${first}/root/tmp/big`) && socketsIn(first).length === 4,
    20_000,
    () => socketsIn(first).join('; '),
  )
  const helpers = () => workers(box, first, [gate.pid]).flatMap(({ pid }) => (pid === server.pid ? [] : [pid]))
  return { box, first, gate, port, clients, through: { isOpen: () => !through.closed }, places, helpers }
}

/** What is left of it anywhere. @param before those who worked for it while it ran */
async function left(one: Busy, before: readonly number[] = []): Promise<string[]> {
  const { box, first, port, places } = one
  const inside = (await processesOf(box.id)).map(({ line }) => line.replace(/\n.*/s, ''))
  const isThere = (pid: number) => existsSync(`/proc/${pid}`)
  return [
    ...inside.filter((line) => /881\d|docker-bash|sftp-server|perl/.test(line)),
    ...socketsIn(first),
    ...[...new Set([...before.filter(isThere), ...one.helpers()])].map((pid) => `process ${pid} of the host`),
    ...(await beside(box)),
    ...readdirSync(places),
    ...((await isListening(port)) ? ['its port'] : []),
    ...(one.through.isOpen() ? ['a connection by -L'] : []),
  ]
}

/** In the network that our programs are in. */
async function isListening(port: number): Promise<boolean> {
  return (await shell(`exec 3<>/dev/tcp/127.0.0.1/${port}`)).code === 0
}

const ways: [string, () => string[]][] = [
  ['as root, by the runtime and by exec', () => []],
  ['without root, by exec and from beside', asNobody],
]

test.each(ways)('%s: nothing is left in the container or on the host', async (_, under) => {
  const one = await busy(under())
  const before = one.helpers()
  const here = ['sleep 8811', 'sleep 8813', 'agent', 'r.sock', 'its port', 'a connection by -L']
  // What is looked for below is there, and somebody works for it besides itself.
  expect(before.length).toBeGreaterThan(1)
  expect(await left(one)).toEqual(expect.arrayContaining(here))
  one.gate.kill('SIGKILL')
  await Promise.all([one.gate, ...one.clients].map(({ ended }) => ended))
  await nothingLeft(one, before)
})

async function nothingLeft(one: Busy, before: readonly number[], but: readonly unknown[] = []): Promise<void> {
  const found = async () => (await left(one, before)).sort()
  await until(
    async () => (await found()).length === but.length,
    10_000,
    async () => (await found()).join('\n'),
  )
  expect(await found()).toEqual(but)
}

test.each(ways)('%s, with every helper on the host: what docs/ssh.md says stays, and no more', async (_, under) => {
  const one = await busy(under())
  const before = one.helpers()
  killTogether(before)
  await Promise.all([one.gate, ...one.clients].map(({ ended }) => ended))
  const commands = ['8811', '8813'].map((number) =>
    expect.stringMatching(new RegExp(`^/bin/bash -c trap "" HUP TERM; sleep ${number}`)),
  )
  const stays = [
    ...commands,
    'agent',
    'r.sock',
    'sleep 8811',
    'sleep 8813',
    expect.stringMatching(/^ssh-[0-9a-f]{16}$/),
  ]
  // Without root whoever looks after them is in the container, or beside it.
  await nothingLeft(one, before, under().length > 0 ? [] : stays)
})
