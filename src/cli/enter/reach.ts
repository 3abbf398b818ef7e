import { isatty } from 'node:tty'
import { settle, wayOf } from '../../lib/config/resolve-settings'
import type { Settings } from '../../lib/config/settings'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import type { Engine } from '../../lib/engine/engine'
import { DockerBashError } from '../../lib/errors'
import { needsShell } from '../../lib/inside/argv'
import { looked, notLooked, type Probed, type Request, type Runtime, type Target } from '../../lib/model'
import { isStopped } from '../../lib/target/container-list'
import { offlineTarget } from '../../lib/target/offline'
import type { TargetRef } from '../../lib/target/parse'
import { withRuntime } from '../../lib/target/runtime'
import { findShells } from '../../lib/target/shells'
import { requireRunning } from '../../lib/target/state'
import { oneKey } from '../../lib/terminal/key'
import { engineOf } from '../engine'
import { findByHand, findOn } from '../find-target'
import { report, say } from '../output/errors'
import { loginOptions, lookForSshd, type SshChoice } from '../ssh-options'
import { loadAhead } from './preload'
import { Ready } from './warmup'

/**
 * The target with all that the verdicts need, and no more, and the engine that told of it; without one where the host
 * alone tells enough. Or `stopped`: what does not run, to be looked at in a copy.
 */
export async function reach(
  ref: TargetRef | undefined,
  asked: Request,
  set: Settings,
  flags: EndpointChoice & SshChoice,
) {
  const offline = ref && !asked.helper ? offlineTarget(ref, asked.via) : undefined
  if (offline) {
    const request = settle(asked, offline.target, set)
    const held = await withShells(undefined, offline.target, request, offline.runtime)
    const target: Probed = { ...held, sshd: notLooked }
    return { engine: undefined, task: undefined, ready: undefined, login: loginOptions(flags), target, request }
  }
  const at = ref && engineOf(flags)
  loadAhead(asked.via ?? set.via?.value ?? 'auto')
  const ready = at?.local ? new Ready(asked, set) : undefined
  const typed = { behind: asked.command.length }
  const { engine, target: found, task } = at ? await findOn(at, ref, typed) : await findByHand(flags, set)
  const request = settle(asked, found, set)
  const common = { engine, task, request, ready }
  if ((!ref && isStopped(found.state)) || (await offersCopy(found, request)))
    return { ...common, stopped: found, login: loginOptions(flags) }
  const held = await withShells(engine, found, request)
  const { sshd, login } = await lookForSshd(engine, held, { ...flags, via: wayOf(request) })
  const target: Probed = { ...held, sshd }
  return { ...common, target, login }
}

/**
 * What does not run cannot be entered. At a terminal a copy of it is one key away; a script never finds itself in one.
 */
async function offersCopy(target: Target, request: Request): Promise<boolean> {
  const isOffered = ['created', 'exited', 'dead', 'restarting'].includes(target.state)
  if (!isOffered || !request.tty || request.via || !isatty(0) || !isatty(2)) return false
  try {
    requireRunning(target)
  } catch (error) {
    report(error)
  }
  const key = await oneKey(() => say('look around in a copy now? y, or any other key for no'))
  if (key?.toLowerCase() === 'y') return true
  throw new DockerBashError(`${target.name} was left as it is`, { hint: `docker start ${target.name} starts it` })
}

/** @param runtime where it was found before */
async function withShells(
  engine: Engine | undefined,
  found: Target,
  request: Request,
  runtime?: Runtime,
): Promise<Omit<Probed, 'sshd'>> {
  requireRunning(found)
  const target = withRuntime(found, request.via, runtime)
  if (!needsShell(request)) return { ...target, shells: notLooked }
  return { ...target, shells: looked(await findShells(engine, target, request.user, request.shell)) }
}
