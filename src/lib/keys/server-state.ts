import type { Engine } from '../engine/engine'
import { DockerBashError } from '../errors'
import type { Target } from '../model'
import { fingerprint } from '../ssh/fingerprint'
import { survey } from '../ssh/survey'
import { readyServer, stopServer } from './server'

export interface ServerState {
  readonly name: string
  readonly program?: string
  readonly listening: boolean
  readonly port: number
  readonly runit: 'none' | 'up' | 'down'
  readonly hostKeys: readonly string[]
}

export async function serverState(engine: Engine, target: Target): Promise<ServerState> {
  const { program, listening, port, runit, hostKeys } = await survey(engine, target.id)
  return {
    name: target.name,
    ...(program && { program }),
    listening,
    port,
    runit,
    hostKeys: hostKeys.map(({ type, blob }) => `${type} ${fingerprint(blob)}`),
  }
}

/** @throws DockerBashError where nothing of ours can switch it */
export async function switchServer(engine: Engine, target: Target, on: boolean): Promise<void> {
  const { program, runit } = await survey(engine, target.id)
  if (program && runit === 'none') {
    throw new DockerBashError(`the sshd of ${target.name} is not looked after by runit`, {
      hint: `nothing of docker-bash’s can switch it; --via ssh needs no running one: docker-bash --via ssh ${target.name}`,
    })
  }
  if (on) await readyServer(engine, target, 'root', true)
  else if (program) await stopServer(engine, target)
}

export function describeServer({ name, program, listening, port, runit, hostKeys }: ServerState): string[] {
  if (!program) return [`${name}: there is no sshd`]
  const looked = {
    none: 'not under runit',
    up: 'starts with the container (runit)',
    down: 'switched off (/etc/service/sshd/down)',
  }[runit]
  const lines = [`${name}: ${program} ${listening ? `listens on port ${port}` : 'does not run'}; ${looked}`]
  if (hostKeys.length === 0) return [...lines, '  it has no host keys']
  return [...lines, ...hostKeys.map((key) => `  ${key}`)]
}
