import { statPath } from '../../engine/archive'
import { inspectContainer } from '../../engine/containers'
import type { Engine } from '../../engine/engine'

import { createExec, startExec } from '../../engine/exec'
import type { HostConfig } from '../../engine/types'
import { DockerBashError, Ended } from '../../errors'
import { resolveUser } from '../../host/users'
import { wordsOf } from '../../inside/argv'
import type { Plan, Request, Session, Target } from '../../model'
import { type Approach, approachBy } from '../../namespaces/entry-plan'
import { type Facts, heldBy, isCertain, onHost, specOf, startOf } from '../../namespaces/proc-snapshot'
import { sealed, supervisorArgv } from '../../namespaces/remote'
import { writeOrder } from '../../namespaces/request'
import { begins } from '../../session/beginning'
import { holdSignals } from '../../session/signals'
import { toolboxImage } from '../../toolbox/image'
import { wayFailure } from '../shared/namespace-failures'
import { Output } from '../shared/output'
import { userFilesBy } from '../shared/user-files'
import type { HelperDeps } from './deps'
import { Helper } from './helper-container'
import { HelperSession } from './helper-session'

/**
 * The namespaces entered from a container on the engine's host that may see and do there what root may. What runs in
 * the end is the same program as for root on the host, held by the same.
 */
export async function openFromHelper(
  engine: Engine,
  deps: HelperDeps,
  plan: Plan,
  abort: AbortSignal,
): Promise<Session> {
  const { target, request } = plan
  const words = wordsOf(target, request)
  const { HostConfig: host } = await inspectContainer(engine, target.id)
  // One of the user's own as it is: what counts of it is a shell, and a perl where the host has none.
  const image = deps.toolbox ?? (await toolboxImage(engine)).tag
  const helper = await Helper.start(engine, target, image, privileges(host))
  try {
    const { facts } = helper
    if (Number.isNaN(startOf(facts)) || (await deps.pidNow()) !== target.pid) throw new Ended(target.name)
    requireCertain(facts, target)
    const approach = await approachFrom(engine, facts, target, request)
    if (approach.confinement.seccomp) deps.note(`without the seccomp filter of ${target.name}: it cannot be put back`)
    const order = { ...approach, words, size: deps.size, ...(request.tty && { terminal: 'new' as const }) }
    helper.say(sealed(writeOrder(order, facts.get('machine'))))
    const owner = {
      uid: onHost(approach.uid, facts.get('uid_map') ?? ''),
      gid: onHost(approach.gid, facts.get('gid_map') ?? ''),
    }
    const exec = await createExec(engine, helper.id, { command: supervisorArgv(target.pid, owner), stdin: true })
    holdSignals()
    const connection = await startExec(engine, exec, false)
    const output = new Output(connection, false, async () => !helper.isOver, deps.warn)
    const session = new HelperSession(helper, connection, output, request)
    void output.ended.then(() => helper.dismissed())
    await begins(helper.words.started, abort, target.name)
    return session
  } catch (error) {
    await helper.release()
    throw await wayFailure(error, target, request, words, engine)
  }
}

/** What it takes to enter, and what the target has, so that it can be handed on. */
function privileges({ Privileged, CapAdd, CapDrop, Ulimits, OomScoreAdj }: HostConfig): HostConfig {
  const needed = ['SYS_ADMIN', 'SYS_PTRACE', 'SYS_CHROOT', 'DAC_READ_SEARCH']
  const added = CapAdd ?? []
  const all = added.some((name: string) => /^(?:CAP_)?ALL$/i.test(name))
  const dropped = (CapDrop ?? []).filter((name: string) => !needed.includes(name.replace(/^CAP_/i, '').toUpperCase()))
  return {
    ...(Privileged
      ? { Privileged }
      : { CapAdd: [...new Set([...needed, ...added])], ...(all && { CapDrop: dropped }) }),
    ...(Ulimits && { Ulimits }),
    ...(OomScoreAdj && { OomScoreAdj }),
    SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'],
  }
}

function requireCertain(facts: Facts, { id, name }: Target): void {
  if (isCertain(facts, id)) return
  throw new DockerBashError(`nothing says that the process the engine names is ${name}’s`, {
    hint: `docker-bash explain ${name} shows the other ways in`,
  })
}

async function approachFrom(engine: Engine, facts: Facts, target: Target, request: Request): Promise<Approach> {
  const files = await userFilesBy(engine, target)
  const { groupAdd = [], name } = target
  // As for the others: a session begins in / when the image's folder is gone.
  const isGone = !request.workdir && target.workdir !== '' && !(await statPath(engine, target.id, target.workdir))
  return approachBy(isGone ? { ...target, workdir: '/' } : target, request, {
    start: startOf(facts),
    confinement: heldBy(facts),
    spec: specOf(facts, target.id),
    user: (text) => resolveUser(text, files, groupAdd, name),
  })
}
