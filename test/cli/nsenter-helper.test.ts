/** The namespaces from a helper container: only when asked for, held by the same, and nothing left of it. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { call, request } from '../../scripts/engine-http.mjs'
import { inspectContainer } from '../../src/lib/engine/containers'
import { locateEndpoint } from '../../src/lib/engine/endpoint'
import { connect } from '../../src/lib/engine/engine'
import { createExec, startExec } from '../../src/lib/engine/exec'
import { notLooked } from '../../src/lib/model'
import { heldBy, startOf } from '../../src/lib/namespaces/proc-snapshot'
import { sealed, supervisorArgv } from '../../src/lib/namespaces/remote'
import { writeOrder } from '../../src/lib/namespaces/request'
import { targetOf } from '../../src/lib/target/target'
import { toolboxImage } from '../../src/lib/toolbox/image'
import { openFromHelper } from '../../src/lib/transport/nsenter/helper'
import { Helper } from '../../src/lib/transport/nsenter/helper-container'
import { run, start } from '../support/cli'
import { type ContainerOptions, container } from '../support/containers'
import { docker } from '../support/docker-api'
import { images, sharedEngine } from '../support/engine'
import { describeInside } from '../support/insides'
import { processesOf, waitForProcess, waitGone } from '../support/processes'
import { engineBySsh } from '../support/ssh-engine'
import { engineAtPort } from '../support/tcp-engine'
import { until } from '../support/until'

const by = (name: string, ...words: string[]) => ['--via', 'nsenter', '--helper', name, ...words]

/** As nobody, who may use the engine's socket. */
function asNobody() {
  const { gid } = statSync(docker().host.slice('unix://'.length))
  const under = ['setpriv', '--reuid=65534', `--regid=${gid}`, '--clear-groups']
  return { under, env: { HOME: '/nonexistent' }, cwd: '/' }
}

/** Helpers there are of a container's, whatever their state. */
async function helpersOf(id: string): Promise<unknown[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`docker-bash.helper=${id}`] }))
  return (await call(docker().host, 'GET', `/containers/json?all=1&filters=${filters}`)) as unknown[]
}

const linesOf = async (id: string) => {
  await waitForProcess(id, /^sleep 1000$/)
  return (await processesOf(id)).map(({ line }) => line)
}

const noHelper = (id: string, timeoutMs = 30_000) =>
  until(
    async () => (await helpersOf(id)).length === 0,
    timeoutMs,
    async () => JSON.stringify(await helpersOf(id)),
  )

test('makes no file on the engine’s host', async () => {
  const { name } = await container({ image: 'busybox' })
  expect((await run(['--via', 'nsenter', '--helper', '-u', '4321:8765', name, 'true'])).code).toBe(0)
  // The words of its program: they were taken for control groups, and written to.
  expect([process.arch, '4321', '8765'].filter((word) => existsSync(`/${word}`))).toEqual([])
})

test('is never taken unasked: the refusal and explain say how to ask', async () => {
  const { id, name } = await container({ image: 'busybox', labels: { 'docker-bash.helper': 'yes' } })
  const since = Math.floor(Date.now() / 1000)
  expect((await run([name, 'true'], asNobody())).code).toBe(0)
  const refused = await run(['--via', 'nsenter', name, 'true'], asNobody())
  expect(refused).toMatchObject({ code: 125, stdout: Buffer.alloc(0) })
  expect(refused.stderr).toMatch(`docker-bash --via nsenter --helper ${name}`)
  const explained = (await run(['explain', name], asNobody())).stdout.toString()
  expect(explained).toMatch(new RegExp(`✗ nsenter .*a privileged container.* --via nsenter --helper ${name}`))
  for (const flags of [['--helper'], ['--via', 'exec', '--helper']]) {
    expect(await run([...flags, name, 'true'])).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/--helper is for --via nsenter only/),
    })
  }
  expect(await helpersOf(id)).toEqual([])
  const query = `since=${since}&until=${Math.ceil(Date.now() / 1000)}`
  const { text } = await request(docker().host, 'GET', `/events?${query}`)
  expect(text).not.toMatch(`${name}-helper`)
})

test('asked for, it is there for the session only; explain and -v say what it costs', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const own = await linesOf(id)
  const explained = (await run(['explain', '--via', 'nsenter', '--helper', name], asNobody())).stdout.toString()
  expect(explained).toMatch(/✓ nsenter {2}chosen: .*from a privileged container on the engine’s host, as you asked/)
  expect(explained).toMatch(/costs of nsenter: a privileged container .*as good as root there; no seccomp filter/)
  const running = start(['-v', ...by(name, 'sh', '-c', 'echo ready; read -r line; echo "$line"; exit 3')], {
    ...asNobody(),
    input: 'open',
  })
  await running.said(/ready/, 'stdout', 30_000)
  expect(await helpersOf(id)).toHaveLength(1)
  running.stdin.end('word\n')
  const { code, stdout, stderr } = await running.ended
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 3, stdout: 'ready\nword\n' })
  expect(stderr).toMatch(/by nsenter, as root: .*from a privileged container on the engine’s host, as you asked/)
  expect(stderr).toMatch(/without the seccomp filter of/)
  expect(await helpersOf(id)).toEqual([])
  expect(await linesOf(id)).toEqual(own)
})

test('explain --compare measures it only if asked to', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const row = async (...flags: string[]) => {
    const { stdout } = await run(['explain', '--compare', ...flags, name], { ...asNobody(), timeoutMs: 60_000 })
    return /^enters the control groups +(.*)$/m.exec(stdout.toString())?.[1]?.split(/ +/)
  }
  expect((await row())?.[3]).toBe('–')
  expect((await row('--via', 'nsenter', '--helper'))?.[3]).toBe('yes*')
  expect(await helpersOf(id)).toEqual([])
})

test('killed while others begin: they do not remove its helper before that has ended the command', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const { name: other } = await container({ image: 'busybox' })
  for (let round = 1; round <= 3; round++) {
    const running = start(by(name, 'sh', '-c', 'trap "" HUP TERM INT; echo ready; sleep 7303; sleep 7304'), asNobody())
    await running.said(/ready/, 'stdout', 30_000)
    // Each removes what sessions that have ended left with the engine.
    const beginning = [0, 1, 2].map(() => run(by(other, 'true'), asNobody()))
    await new Promise((resolve) => setTimeout(resolve, 150))
    running.kill('SIGKILL')
    for (const { code, stderr } of await Promise.all(beginning))
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    await waitGone(id, /sleep 730[34]/, 10_000)
    await noHelper(id)
  }
})

describe('from another machine', () => {
  engineAtPort(4244)

  test('by tcp: refused, then by a helper', async () => {
    const { id, name } = await container({ image: 'debian' })
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:4244' }
    const refused = await run(['--via', 'nsenter', name, 'true'], { env })
    expect(refused.stderr).toMatch(/the engine is not on this host[\s\S]*--via nsenter --helper/)
    const { code, stdout } = await run(by(name, 'sh', '-c', 'hostname; cat; exit 4'), { env, input: 'in\n' })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 4, stdout: `${id.slice(0, 12)}\nin\n` })
    expect(await helpersOf(id)).toEqual([])
  })

  test('by ssh, and after kill -9 of it', async () => {
    const { id, name } = await container({ image: 'busybox' })
    const { host, path } = await engineBySsh({ port: 2023 })
    const env = { PATH: path, DOCKER_HOST: host }
    const { code, stdout } = await run(by(name, 'sh', '-c', 'id -u; exit 5'), { env, timeoutMs: 60_000 })
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 5, stdout: '0\n' })
    const running = start(by(name, 'sh', '-c', 'trap "" HUP TERM; echo ready; sleep 7301; sleep 7302'), {
      env,
      timeoutMs: 60_000,
    })
    await running.said(/ready/, 'stdout', 30_000)
    running.kill('SIGKILL')
    await waitGone(id, /sleep 730[12]/, 10_000)
    await noHelper(id)
  })
})

const kinds: Record<string, Omit<ContainerOptions, 'image'> & { flags?: string[] }> = {
  'a named user, a capability less': { user: 'games', hostConfig: { CapDrop: ['CHOWN'] } },
  'a capability more': { hostConfig: { CapAdd: ['NET_ADMIN', 'SYS_TIME'] } },
  'no capabilities, no new privileges': { hostConfig: { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] } },
  'groups added, another user': { flags: ['-u', 'nobody:games'], hostConfig: { GroupAdd: ['audio', '4242'] } },
  'a host name and a folder of its own': { workdir: '/var/tmp', env: ['HOME=/srv', 'A=b'], tty: true },
  'limits of its own': {
    hostConfig: {
      Ulimits: [{ Name: 'nofile', Soft: 456, Hard: 456 }],
      OomScoreAdj: 321,
      Memory: 64 * 1024 * 1024,
      PidsLimit: 50,
    },
  },
  'the host’s namespaces': { hostConfig: { PidMode: 'host', IpcMode: 'host', UTSMode: 'host', NetworkMode: 'host' } },
}

describe('a command has what it has by exec, but for seccomp', () => {
  test.each(Object.entries(kinds))('%s', async (_, { flags = [], ...options }) => {
    const { name } = await container({ image: 'debian', ...options })
    const exec = await run(['--via', 'exec', ...flags, name, ...describeInside])
    const helped = await run([...flags, ...by(name, ...describeInside)], {
      ...asNobody(),
      env: { HOME: '/nonexistent', SECRET_OF_THE_HOST: 'yes' },
    })
    expect({ code: helped.code, stderr: helped.stderr }).toEqual({ code: 0, stderr: '' })
    expect(helped.stdout.toString().replace(/^Seccomp:\t0$/m, 'Seccomp:\t2')).toBe(exec.stdout.toString())
    expect(helped.stdout.toString()).toMatch(/^Seccomp:\t0$/m)
  })
})

test('a user’s own image serves, if it has a perl', async () => {
  const { name } = await container({ image: 'busybox' })
  const { code, stdout } = await run(['--toolbox', images.debian, ...by(name, 'echo', 'in')], asNobody())
  expect({ code, stdout: stdout.toString() }).toEqual({ code: 0, stdout: 'in\n' })
  const missing = await run(['--toolbox', 'no-such-image:1', ...by(name, 'true')])
  expect(missing).toMatchObject({
    code: 125,
    stderr: expect.stringMatching(/no helper container of the image no-such/),
  })
})

test('the program that came in is a copy in the helper: the host’s own cannot be had through /proc/PID/exe', async () => {
  const { id, name } = await container({ image: 'debian', hostConfig: { CapAdd: ['SYS_PTRACE'] } })
  const before = readFileSync('/usr/bin/perl')
  const hunt = `while :; do for p in /proc/[0-9]*; do
    case $(readlink $p/exe 2>/dev/null) in *perl*|*docker-bash*) (echo broken > $p/exe) 2>/dev/null ;; esac
  done; done`
  const hunter = docker().inside(id, ['timeout', '10', 'sh', '-c', hunt])
  for (let round = 0; round < 5; round++) expect((await run(by(name, 'true'))).code).toBe(0)
  await hunter
  expect(readFileSync('/usr/bin/perl').equals(before)).toBe(true)
})

test('kill -9 at any moment leaves no process and no container', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const own = await linesOf(id)
  const from = Date.now()
  await run(by(name, 'true'), asNobody())
  const whole = Date.now() - from
  for (let moment = 1; moment <= 12; moment++) {
    const running = start(by(name, 'sleep', '7311'), asNobody())
    await new Promise((resolve) => setTimeout(resolve, (whole * moment) / 10))
    running.kill('SIGKILL')
    await running.ended
  }
  await waitGone(id, /7311/, 10_000)
  // A container that was about to be made when we were killed is made all the same; a moment later it is gone.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  await noHelper(id)
  expect(await linesOf(id)).toEqual(own)
})

test('a helper that is stopped takes the command along, with all of its session', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const running = start(by(name, 'sh', '-c', 'trap "" HUP; echo ready; sleep 7321 | sleep 7322'))
  await running.said(/ready/, 'stdout', 30_000)
  const [helper] = (await helpersOf(id)) as { Id: string }[]
  await docker().act('stop', helper?.Id ?? '')
  const { code, stderr } = await running.ended
  await waitGone(id, /sleep 732[12]/, 5_000)
  expect(code === 255 || (code ?? 0) > 128).toBe(true)
  expect(stderr).toMatch(code === 255 ? /lost / : /^$/)
  await noHelper(id)
})

test('a PID that is another’s by now is not entered', async () => {
  const made = await container({ image: 'busybox' })
  const { host } = sharedEngine()
  const engine = await connect(locateEndpoint({ host }, { env: {}, home: '/', uid: 0 }))
  const target = targetOf(await inspectContainer(engine, made.id), { local: false })
  const { tag: image } = await toolboxImage(engine)
  const attempt = async (early: number) => {
    const privileges = {
      CapAdd: ['SYS_ADMIN', 'SYS_PTRACE'],
      SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
    }
    const helper = await Helper.start(engine, target, image, privileges)
    const order = { pid: target.pid, start: startOf(helper.facts) - early, confinement: heldBy(helper.facts) }
    const who = { uid: 0, gid: 0, groups: [], cwd: '/', words: ['true'], env: ['PATH=/bin'] }
    helper.say(sealed(writeOrder({ ...order, ...who }, helper.facts.get('machine'))))
    const command = supervisorArgv(target.pid, { uid: 0, gid: 0 })
    const stream = await startExec(engine, await createExec(engine, helper.id, { command, stdin: true }), false)
    stream.resume()
    const started = helper.words.started.then(
      () => 'started',
      (error: { step?: string }) => error.step,
    )
    const ending = [await started, await helper.words.ended]
    await helper.release()
    stream.destroy()
    return ending
  }
  expect((await attempt(1))[0]).toBe('gone')
  expect(await attempt(0)).toEqual(['started', { code: 0 }])
  await noHelper(made.id)
  engine.close()
})

test('a process that is not the container’s, and one that is not there, are refused', async () => {
  const { id, name } = await container({ image: 'busybox' })
  const { host } = sharedEngine()
  const engine = await connect(locateEndpoint({ host }, { env: {}, home: '/', uid: 0 }))
  const real = targetOf(await inspectContainer(engine, id), { local: false })
  const attempt = (pid: number, now = pid) => {
    const deps = { size: undefined, note: () => undefined, warn: () => undefined, pidNow: async () => now }
    const target = { ...real, pid, runtime: notLooked, onHost: notLooked, shells: notLooked, sshd: notLooked }
    const request = { command: ['true'], env: [], tty: false, stdin: true, via: 'nsenter', helper: true } as const
    return openFromHelper(
      engine,
      deps,
      { target, request, transport: 'nsenter', verdicts: [] },
      new AbortController().signal,
    )
  }
  // Our own: it runs on the same host, and is no container's.
  await expect(attempt(process.pid)).rejects.toThrow(`nothing says that the process the engine names is ${name}’s`)
  await expect(attempt(real.pid, 0)).rejects.toThrow('ended or was restarted meanwhile')
  await expect(attempt(4_194_303)).rejects.toThrow('ended or was restarted meanwhile')
  await noHelper(id)
  engine.close()
})

test('a terminal, in a container without a devpts of its own too', async () => {
  const { id, name } = await container({ image: 'debian' })
  const { stdout } = await run(['-t', ...by(name, 'tty')], asNobody())
  expect(stdout.toString()).toBe('/dev/pts/0\r\n')
  const running = start(['-t', ...by(name, 'sh', '-c', 'stty size; sleep 7331')], asNobody())
  await waitForProcess(id, /^sleep 7331$/, 20_000)
  running.kill('SIGTERM')
  expect((await running.ended).code).toBe(143)
})
