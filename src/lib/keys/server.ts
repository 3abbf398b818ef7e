import { monotonic } from '../clock'
import type { Engine } from '../engine/engine'
import { runInside } from '../engine/run'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { type PinnedHost, pin } from '../ssh/known-hosts'
import { type Survey, survey } from '../ssh/survey'
import makeKeys from './make-host-keys.sh'
import startService from './start-service.sh'
import stopService from './stop-service.sh'

/** What was done to make a server ready, each a short clause. */
export interface Ready {
  readonly survey: Survey
  readonly host: PinnedHost
  readonly did: readonly string[]
}

/**
 * Makes the container's server ready for a login: host keys if it has none, running if runit looks after it. Reads its
 * host keys through the engine and pins them.
 * @throws DockerBashError when there is no sshd, and for everything that cannot be made
 */
export async function readyServer(engine: Engine, target: Target, user: string, start: boolean): Promise<Ready> {
  const did: string[] = []
  let now = await survey(engine, target.id, user)
  if (!now.program) {
    throw new DockerBashError(`there is no sshd in ${target.name}`, {
      hint: `that leaves exec, which needs no key: docker-bash ${target.name}; on this host as root, runc too`,
    })
  }
  if (!now.login) {
    throw new DockerBashError(`there is no user ${user} in ${target.name}`, {
      hint: `its users: docker-bash ${target.name} cat /etc/passwd`,
    })
  }
  if (now.hostKeys.length === 0) {
    await must(engine, target, makeKeys, 'host keys could not be made')
    did.push('host keys made')
    now = await survey(engine, target.id, user)
  }
  if (start && !now.listening && now.runit !== 'none') {
    await must(engine, target, startService, 'sshd could not be started under runit')
    did.push('sshd started')
    now = await listening(engine, target, user)
  }
  const host = pinNow(target, now)
  return { survey: now, host, did }
}

/** Switches the runit service off, for good: it stays down at the next start. */
export async function stopServer(engine: Engine, target: Target): Promise<void> {
  await must(engine, target, stopService, 'sshd could not be stopped')
}

function pinNow(target: Target, { program, port, hostKeys, complaint }: Survey): PinnedHost {
  if (!program || hostKeys.length === 0) {
    throw new DockerBashError(`the host keys of ${target.name} cannot be read${complaint ? `: ${complaint}` : ''}`, {
      hint: `without them nobody knows who answers; docker-bash --host-key SHA256:… --via ssh ${target.name} accepts one by its fingerprint`,
    })
  }
  const host = { id: target.id, program, port, hostKeys }
  pin(host)
  return host
}

/** Asks until it listens: sshd says nothing that could be waited for. */
async function listening(engine: Engine, target: Target, user: string): Promise<Survey> {
  const deadline = monotonic() + 10_000
  for (;;) {
    const now = await survey(engine, target.id, user)
    if (now.listening) return now
    if (monotonic() > deadline) {
      throw new DockerBashError(`sshd was started in ${target.name} and does not listen`, {
        hint: `its words: docker logs ${target.name}`,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function must(engine: Engine, target: Target, script: string, what: string): Promise<void> {
  const { code, stdout, stderr } = await runInside(engine, target.id, ['/bin/sh', '-c', script], { timeoutMs: 30_000 })
  if (code === 0) return
  const said = `${stderr}\n${stdout}`.trim().split('\n').at(-1) ?? ''
  throw new DockerBashError(`${what} in ${target.name}: ${said || `code ${code}`}`, {
    hint: `docker-bash ${target.name} shows it from inside; nothing else was changed`,
  })
}
