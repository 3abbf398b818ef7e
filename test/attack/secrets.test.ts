/** What a container or a user keeps in variables is in no event of the engine's, and in no process's words. */
import { request } from '../../scripts/engine-http.mjs'
import { processes } from '../../scripts/proc.mjs'
import { type RunOptions, start } from '../support/cli'
import { container } from '../support/containers'
import { docker } from '../support/docker-api'
import { asNobody } from '../support/nobody'
import { processesOf, waitForProcess } from '../support/processes'
import { sshdContainer, testKey } from '../support/sshd'

const own = 'container-secret-5b1f'
const given = 'given-secret-77aa'
const dotted = 'dotted-secret-9e20'
const secrets = [own, given, dotted]

/** By name only: what stands behind `-e NAME=` is in our own words already. */
const variables = ['-e', 'TOKEN', '-e', 'my.secret', '-e', 'OLDPWD']
const env = { TOKEN: given, 'my.secret': dotted, OLDPWD: dotted }

/** The words of every process on this host that hold one of them. */
function told(): string[] {
  return processes()
    .map(({ args }) => args.join(' '))
    .filter((words) => secrets.some((secret) => words.includes(secret)))
    .map((words) => words.slice(0, 300))
}

async function events(since: number): Promise<string> {
  const { text } = await request(docker().host, 'GET', `/events?since=${since}&until=${Date.now() / 1000 + 1}`)
  return text
}

/** /bin/sh that takes its time: whatever it was started with is there to be read until it goes on. */
const slow = `#!/bin/busybox sh\necho >>/waits; read -r _ <>/go; exec /bin/busybox sh "$@"\n`

interface Way {
  readonly flags: readonly string[]
  readonly options?: RunOptions
  /** The barrier's shell is the container's own. */
  readonly slow?: boolean
}
const ways: Record<string, () => Way> = {
  exec: () => ({ flags: ['--via', 'exec'], slow: true }),
  'exec, by who is not root': () => ({ flags: ['--via', 'exec'], options: { under: asNobody(), cwd: '/' } }),
  'exec, with a terminal': () => ({ flags: ['--via', 'exec', '-t'], slow: true }),
  runc: () => ({ flags: ['--via', 'runc'] }),
  'runc, with a terminal': () => ({ flags: ['--via', 'runc', '-t'], slow: true }),
  nsenter: () => ({ flags: ['--via', 'nsenter'] }),
  'nsenter, by a helper': () => ({ flags: ['--via', 'nsenter', '--helper'] }),
  debug: () => ({ flags: ['debug'] }),
  'debug, from a container beside': () => ({ flags: ['debug'], options: { under: asNobody(), cwd: '/' } }),
}

test.each(Object.entries(ways))('%s', async (_, way) => {
  const { flags, options = {}, slow: isSlow = false } = way()
  const { id, name } = await container({ image: 'busybox', env: [`SECRET=${own}`] })
  if (isSlow) {
    const replace = 'mkfifo /go; rm /bin/sh; printf %s "$0" >/bin/sh; chmod 755 /bin/sh'
    await docker().inside(id, ['/bin/busybox', 'sh', '-c', replace, slow])
  }
  const since = Date.now() / 1000
  // A shell keeps no name with a dot: what it was started with is looked at.
  const script = `tr '\\0' '\\n' </proc/$$/environ; echo begun; exec sleep 7401`
  const words = [...variables, name, '/bin/busybox', 'sh', '-c', script]
  const [command = '', ...rest] = flags[0] === 'debug' ? flags : ['enter', ...flags]
  const running = start([command, ...rest, ...words], {
    ...options,
    env: { ...env, ...options.env },
    timeoutMs: 60_000,
  })
  if (isSlow) {
    await waitForProcess(id, /\/bin\/sh -c|docker-bash:/, 20_000)
    expect(told()).toEqual([])
    await docker().inside(id, ['/bin/busybox', 'sh', '-c', 'echo >/go'])
  }
  const said = await running.said(/begun/, 'stdout', 30_000)
  // They got there.
  for (const line of [`SECRET=${own}`, `TOKEN=${given}`, `my.secret=${dotted}`, `OLDPWD=${dotted}`])
    expect(said).toContain(line)
  expect(told()).toEqual([])
  expect((await processesOf(id)).some(({ line }) => line.includes('sleep 7401'))).toBe(true)
  running.kill('SIGTERM')
  await running.ended
  const noted = await events(since)
  for (const secret of secrets) expect(noted).not.toContain(secret)
})

test.each([[[]], [['-t']]])('ssh %p: no shell inside is started with them', async (terminal) => {
  const key = testKey()
  const note = `#!/bin/dash\nprintf "%%s\\\\n" "$0 $*" >>/words; case $0 in */bash) exec /bin/bash.real "$@" ;; esac; exec /bin/dash "$@"\n`
  const wrap = `mv /bin/bash /bin/bash.real; rm -f /bin/sh; printf '${note}' | tee /bin/bash >/bin/sh; chmod 755 /bin/bash /bin/sh`
  const { id, name } = await sshdContainer({ key, env: [`SECRET=${own}`], before: wrap })
  const script = `tr '\\0' '\\n' </proc/$$/environ | grep -a secret | sort; echo begun; exec sleep 7402`
  const words = ['enter', '--via', 'ssh', ...terminal, '-i', key.path, ...variables, name, '/bin/dash', '-c', script]
  const running = start(words, { env, timeoutMs: 60_000 })
  const said = await running.said(/begun/, 'stdout', 30_000)
  // And of a terminal's echo there is nothing.
  expect(said.replaceAll('\r', '')).toBe(
    `OLDPWD=${dotted}\nSECRET=${own}\nTOKEN=${given}\nmy.secret=${dotted}\nbegun\n`,
  )
  const noted = (await docker().inside(id, ['cat', '/words'])).stdout
  // The watchdog, the login's shell, the stage and the barrier; the last is started with the command.
  expect(noted).toMatch(/docker-bash:[0-9a-f]{12}/)
  for (const secret of secrets) expect(noted).not.toContain(secret)
  running.kill('SIGTERM')
  await running.ended
})
