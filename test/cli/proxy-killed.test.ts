/** `docker-bash proxy` or whoever started it is killed in the middle of all that a connection can have. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Running, start } from '../support/cli'
import { type Container, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { processesOf, waitForProcess } from '../support/processes'
import { type SshClient, sshClient } from '../support/ssh-client'
import { endless } from '../support/to-copy'
import { until } from '../support/until'
import { answersAt, killTogether, socketsIn, workers } from '../support/workers'

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

/**
 * A connection with a command that ignores signals, a copy that takes hours, listeners on both sides, and an agent.
 * @param more of ssh’s flags, for the command
 */
async function busy(more: readonly string[] = []): Promise<Busy> {
  const box = await container({ image: 'busybox', hostConfig: { NetworkMode: 'none' } })
  const { Pid: first } = (await docker().inspect(box.id)).State
  const { folder, places, big } = endless()
  const env = { ...client.env, SSH_AUTH_SOCK: agentSocket, TMPDIR: places, XDG_RUNTIME_DIR: places }
  const flags = ['-F', client.config, '-o', `ControlPath=${folder}/control`]
  const forwards = [
    ...['-L', `${folder}/l.sock:/tmp/e.sock`, '-R', `9000:${folder}/none`, '-R', `/tmp/r.sock:${folder}/none`],
  ]
  const command = 'trap "" HUP TERM; sleep 8801; sleep 8802'
  const ssh = start([...more, ...flags, '-A', '-M', ...forwards, `${box.name}.docker`, command], {
    program: 'ssh',
    env,
  })
  await waitForProcess(box.id, /^sleep 8801$/, 20_000)
  const words = [...flags, '-l', '8000', big, `${box.name}.docker:/tmp/big`]
  const copy = start(words, { program: 'scp', env })
  const inside = () => socketsIn(first)
  await until(
    () => existsSync(`/proc/${first}/root/tmp/big`) && inside().length === 4,
    20_000,
    () => inside().join('; '),
  )
  return { box, first, ssh, copy, places }
}

const working = ({ box, first, ssh, copy }: Busy) => workers(box, first, [ssh.pid, copy.pid])

/** What is left of it anywhere. */
async function left(one: Busy): Promise<string[]> {
  const inside = (await processesOf(one.box.id)).map(({ line }) => line).filter((line) => /880|docker-bash/.test(line))
  return [...inside, ...socketsIn(one.first), ...working(one).map(({ line }) => line), ...readdirSync(one.places)]
}

const which: Record<string, (one: Busy) => readonly number[]> = {
  'the proxy': (one) =>
    working(one).flatMap(({ pid, line }) => (/run\.js proxy |^docker-bash proxy/.test(line) ? [pid] : [])),
  'the ssh client': ({ ssh }) => [ssh.pid],
  'both at once': (one) => [...(which['the proxy']?.(one) ?? []), one.ssh.pid],
}

test.each(Object.keys(which))('%s: nothing is left in the container or on the host', async (name) => {
  const one = await busy()
  const meant = which[name]?.(one) ?? []
  expect(meant.length).toBe(name === 'both at once' ? 2 : 1)
  killTogether(meant)
  await one.ssh.ended
  await one.copy.ended
  await until(
    async () => (await left(one)).length === 0,
    10_000,
    async () => (await left(one)).join('\n'),
  )
})

/** By an engine’s exec, with a terminal or without. */
const byExec = ['-o', 'ProxyCommand=docker-bash proxy --via exec %n']

test.each([
  ['by the runtime', []],
  ['by exec', byExec],
  ['by exec with a terminal', ['-tt', ...byExec]],
])(
  '%s, all at once, with every helper on the host: the command and the files of sockets stay, as docs/ssh.md says',
  async (_, flags) => {
    const one = await busy(flags)
    killTogether(working(one).map(({ pid }) => pid))
    await one.ssh.ended
    await one.copy.ended
    await until(
      () => working(one).length === 0,
      10_000,
      () => JSON.stringify(working(one)),
    )
    expect((await left(one)).sort()).toEqual([
      expect.stringMatching(/^\/bin\/sh -c trap "" HUP TERM; sleep 8801/),
      ...['agent', 'r.sock', 'sleep 8801', expect.stringMatching(/^ssh-[0-9a-f]{16}$/)],
    ])
    const top = `/proc/${one.first}/root/tmp`
    const agent = `${readdirSync(top).find((name) => name.startsWith('ssh-'))}/agent`
    expect(await answersAt(top, ['r.sock', agent])).toBe('ECONNREFUSED\nECONNREFUSED\n')
  },
)
