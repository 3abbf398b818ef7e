/** `docker-bash proxy` or whoever started it is killed in the middle of all that a connection can have. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processes } from '../../scripts/proc.mjs'
import { type Running, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { scratch } from '../support/engine'
import { processesOf, waitForProcess } from '../support/processes'
import { type SshClient, sshClient } from '../support/ssh-client'
import { until } from '../support/until'

let client: SshClient
let agent: ChildProcess
let agentSocket: string
beforeAll(async () => {
  client = await sshClient()
  agentSocket = join(client.home, 'agent')
  agent = spawn('ssh-agent', ['-D', '-a', agentSocket])
  await once(agent.stdout as NodeJS.ReadableStream, 'data')
})
afterAll(() => void agent.kill())

interface Busy {
  readonly box: Container
  /** Its first process, here. */
  readonly first: number
  readonly ssh: Running
  readonly copy: Running
  /** Where its temporary files are. */
  readonly places: string
}

/** A connection with a command that ignores signals, a copy that takes hours, listeners on both sides, and an agent. */
async function busy(hostConfig: object = { NetworkMode: 'none' }): Promise<Busy> {
  const box = await container({ image: 'busybox', hostConfig })
  const { Pid: first } = (await docker().inspect(box.id)).State
  const folder = scratch('busy')
  const places = join(folder, 'tmp')
  mkdirSync(places)
  const big = join(folder, 'big')
  writeFileSync(big, '')
  truncateSync(big, 2 ** 34)
  const env = { ...client.env, SSH_AUTH_SOCK: agentSocket, TMPDIR: places, XDG_RUNTIME_DIR: places }
  const flags = ['-F', client.config, '-o', `ControlPath=${folder}/control`]
  const forwards = [
    ...['-L', `${folder}/l.sock:/tmp/e.sock`, '-R', `9000:${folder}/none`, '-R', `/tmp/r.sock:${folder}/none`],
  ]
  const command = 'trap "" HUP TERM; sleep 8801; sleep 8802'
  const ssh = start([...flags, '-A', '-M', ...forwards, `${box.name}.docker`, command], { program: 'ssh', env })
  await waitForProcess(box.id, /^sleep 8801$/, 20_000)
  const words = [...flags, '-l', '8000', big, `${box.name}.docker:/tmp/big`]
  const copy = start(words, { program: 'scp', env })
  const inside = () => insideOf(first)
  await until(
    () => existsSync(`/proc/${first}/root/tmp/big`) && inside().length === 4,
    20_000,
    () => inside().join('; '),
  )
  return { box, first, ssh, copy, places }
}

/** What of the connection is among the files and in the network of a container. */
function insideOf(first: number): string[] {
  const files = readdirSync(`/proc/${first}/root/tmp`).filter((name) => /sock|^ssh-/.test(name))
  const agents = files.filter((name) => existsSync(`/proc/${first}/root/tmp/${name}/agent`)).map(() => 'agent')
  const listening = readFileSync(`/proc/${first}/net/tcp`, 'utf8').match(/:2328 \d+:0000 0A/g) ?? []
  return [...files, ...agents, ...listening]
}

/** Whoever on this host works for it: what came from the client, is in the container’s namespaces, or names it. */
function workers({ box, first, ssh, copy }: Busy): { pid: number; line: string }[] {
  const all = processes()
  const from = new Set([ssh.pid, copy.pid])
  for (let count = 0; count !== from.size; ) {
    count = from.size
    for (const { pid, ppid } of all) if (from.has(ppid)) from.add(pid)
  }
  const spaces = ['net', 'mnt'].map((kind) => link(`/proc/${first}/ns/${kind}`))
  const own = link(`/proc/${first}/ns/pid`)
  return all
    .filter(({ state }) => state !== 'Z' && state !== 'X')
    .map(({ pid, args }) => ({ pid, line: args.join(' ') }))
    .filter(({ line }) => !/shim|dockerd|containerd/.test(line))
    .filter(
      ({ pid, line }) =>
        link(`/proc/${pid}/ns/pid`) !== own &&
        (from.has(pid) ||
          line.includes(box.id) ||
          ['net', 'mnt'].some((kind) => spaces.includes(link(`/proc/${pid}/ns/${kind}`)))),
    )
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

const kill = (pids: readonly number[]) => {
  for (const name of ['SIGSTOP', 'SIGKILL'] as const) {
    for (const pid of pids) {
      try {
        process.kill(pid, name)
      } catch {
        // It has ended.
      }
    }
  }
}

/** What is left of it anywhere. */
async function left(one: Busy): Promise<string[]> {
  const inside = (await processesOf(one.box.id)).map(({ line }) => line).filter((line) => /880|docker-bash/.test(line))
  return [...inside, ...insideOf(one.first), ...workers(one).map(({ line }) => line), ...readdirSync(one.places)]
}

const which: Record<string, (one: Busy) => readonly number[]> = {
  'the proxy': (one) =>
    workers(one).flatMap(({ pid, line }) => (/run\.js proxy |^docker-bash proxy/.test(line) ? [pid] : [])),
  'the ssh client': ({ ssh }) => [ssh.pid],
  'both at once': (one) => [...(which['the proxy']?.(one) ?? []), one.ssh.pid],
}

test.each(Object.keys(which))('%s: nothing is left in the container or on the host', async (name) => {
  const one = await busy()
  const meant = which[name]?.(one) ?? []
  expect(meant.length).toBe(name === 'both at once' ? 2 : 1)
  kill(meant)
  await one.ssh.ended
  await one.copy.ended
  await until(
    async () => (await left(one)).length === 0,
    10_000,
    async () => (await left(one)).join('\n'),
  )
})

test('all at once, with every helper on the host: the command and the files of sockets stay, as docs/ssh.md says', async () => {
  const one = await busy()
  kill(workers(one).map(({ pid }) => pid))
  await one.ssh.ended
  await one.copy.ended
  await until(
    () => workers(one).length === 0,
    10_000,
    () => JSON.stringify(workers(one)),
  )
  expect((await left(one)).sort()).toEqual([
    expect.stringMatching(/^\/bin\/sh -c trap "" HUP TERM; sleep 8801/),
    ...['agent', 'r.sock', 'sleep 8801', expect.stringMatching(/^ssh-[0-9a-f]{16}$/)],
  ])
  // Nothing answers there.
  const connect = `const net = require('node:net'); for (const at of process.argv.slice(1)) net.connect(at).on('error', ({ code }) => console.log(code))`
  const sockets = [
    'r.sock',
    `${readdirSync(`/proc/${one.first}/root/tmp`).find((name) => name.startsWith('ssh-'))}/agent`,
  ]
  const { stdout } = await start(['-e', connect, ...sockets], {
    ...{ program: process.execPath, cwd: `/proc/${one.first}/root/tmp` },
  }).ended
  expect(stdout.toString()).toBe('ECONNREFUSED\nECONNREFUSED\n')
})
