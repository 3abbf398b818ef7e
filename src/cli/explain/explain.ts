import { settle, settled, wayOf } from '../../lib/config/resolve-settings'
import { readSettings } from '../../lib/config/settings'
import { inspectContainer } from '../../lib/engine/containers'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { clientReach } from '../../lib/gateway/reach'
import { looked, type Probed } from '../../lib/model'
import { judgeAll } from '../../lib/plan'
import { factsOf } from '../../lib/target/container-facts'
import { parseTarget } from '../../lib/target/parse'
import { seenOf } from '../../lib/target/proc-view'
import { withRuntime } from '../../lib/target/runtime'
import { findShells } from '../../lib/target/shells'
import type { SwarmTask } from '../../lib/target/types'
import { judges } from '../../lib/transport/order'
import { findTarget, whereOf } from '../find-target'
import { warnOfExposure } from '../keys/warn-exposed'
import { print, printJson } from '../output/print'
import { lookForSshd, type SshChoice } from '../ssh-options'
import { explanation } from './format'

export interface ExplainFlags extends EndpointChoice, SshChoice {
  readonly user?: string | undefined
  readonly helper: boolean
  readonly compare: boolean
  readonly cp: boolean
  readonly forward: boolean
  readonly json: boolean
}

/** Prints every way into a container, which is taken, and why. @param word TARGET */
export async function explain(word: string, flags: ExplainFlags): Promise<void> {
  const ref = parseTarget(word)
  if (flags.cp || flags.forward) {
    const { explainOther } = await import('./other-ways')
    return explainOther(await findTarget(ref, flags, { word }), flags)
  }
  const set = readSettings()
  const { engine, target: found, task } = await findTarget(ref, flags, { word })
  const held = withRuntime(found)
  const asked = {
    command: [],
    env: [],
    tty: true,
    stdin: true,
    ...(flags.user && { user: flags.user }),
    ...(flags.via !== 'auto' && { via: flags.via }),
    ...(flags.helper && { helper: true }),
  }
  const request = settle(asked, found, set)
  const shells = await findShells(engine, held, request.user, request.shell)
  const { sshd, login } = await lookForSshd(engine, held, { ...flags, via: wayOf(request) }, true)
  const target: Probed = { ...held, shells: looked(shells), sshd }
  const judged = judgeAll(target, request, judges())
  login.reach?.road?.stream.destroy()
  await warnOfExposure(engine, [target])
  if (flags.compare) {
    const { compare } = await import('./compare')
    return print(await compare(target, judged.verdicts, typedAgain(flags), task ? `task:${task.id}` : target.id))
  }
  const facts = factsOf(await inspectContainer(engine, target.id), seenOf(target))
  const told = settled(asked, found, set)
  const { host } = engine.endpoint
  const { hasPerl } = await import('../../lib/toolbox/perl')
  const client = clientReach(target, judged.verdicts, hasPerl)
  if (flags.json) {
    return printJson({
      ...judged,
      target: flat(judged.target),
      settled: told,
      facts,
      engine: host,
      client,
      ...(task && { task: shown(task) }),
    })
  }
  await print(explanation(judged, facts, told, client, task && whereOf(task)))
}

/** The flags that name the engine, the key and the user, for a session by each of the ways. */
function typedAgain(flags: ExplainFlags): string[] {
  const own = [
    ['host', flags.host],
    ['context', flags.context],
    ['identity', flags.identity],
    ['user', flags.user],
  ] as const
  const named = own.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]))
  return flags.helper ? [...named, '--helper'] : named
}

/** The target as the outside sees it: what was found stands beside the rest, and what nobody looked at is left out. */
function flat({ runtime, onHost, shells, sshd, ...target }: Probed) {
  return {
    ...target,
    ...(runtime.looked && { runtime: runtime.found }),
    ...(onHost.looked && { onHost: onHost.found }),
    ...(shells.looked && { shells: shells.found }),
    ...(sshd.looked && { sshd: sshd.found }),
  }
}

/** A task without the connection that told of it. */
function shown({ name, id, service, node, by }: SwarmTask) {
  return { name, id, service, node: { id: node.id, name: node.name, address: node.address }, by }
}
