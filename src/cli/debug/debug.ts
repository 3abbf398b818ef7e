import { settle } from '../../lib/config/resolve-settings'
import { readSettings } from '../../lib/config/settings'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import type { Engine } from '../../lib/engine/engine'
import { DockerBashError, Ended } from '../../lib/errors'
import { notLooked, type Probed, type Request, type Target } from '../../lib/model'
import { plan } from '../../lib/plan'
import { here } from '../../lib/target/compose'
import { parseTarget } from '../../lib/target/parse'
import { resolve } from '../../lib/target/resolve'
import { withRuntime } from '../../lib/target/runtime'
import { requireRunning } from '../../lib/target/state'
import { terminalSize } from '../../lib/terminal/size'
import type { ExecEnd } from '../../lib/transport/exec/deps'
import { judges, toolTransport } from '../../lib/transport/order'
import { reachEngine } from '../engine'
import { findOn } from '../find-target'
import { say } from '../output/errors'
import { describe, type RequestFlags, requestOf, runPlan } from '../run-session'
import { type DebugOptions, runInCopy, runInImage, unpaused } from './copy-session'
import { chosenToolbox, toolsFolder } from './toolbox-flags'

/** An image: nothing of a container's labels counts. */
const unlabelled = { name: '', labels: {} }

export interface DebugFlags extends RequestFlags, EndpointChoice, DebugOptions {
  readonly copy: boolean
  readonly unpause: boolean
  readonly tools?: string | undefined
  readonly toolbox?: string | undefined
  readonly verbose: boolean
}

/**
 * A session with tools in a container, or in a copy of it, or in one of an image.
 * @param text TARGET, or an image
 * @returns the exit code
 */
export async function debug(text: string | undefined, words: readonly string[], flags: DebugFlags): Promise<number> {
  if (text === undefined) throw new DockerBashError('no TARGET', { hint: 'docker-bash ls --all shows what there is' })
  const ref = parseTarget(text)
  const set = readSettings()
  const asked = requestOf(words, flags)
  const engine = await reachEngine(flags)
  const { writable, keep, entrypoint } = flags
  const copying: DebugOptions = {
    ...{ writable, keep, entrypoint },
    ...{ tools: toolsFolder(flags.tools), toolbox: chosenToolbox(flags.toolbox, set) },
  }
  const end: ExecEnd = {
    size: asked.tty ? terminalSize() : undefined,
    note: flags.verbose ? say : () => undefined,
    warn: say,
  }
  if (ref.kind === 'image' || text.includes(':') || text.includes('/')) {
    const image = ref.kind === 'image' ? ref.text : text
    const code = await runInImage(engine, image, settle(asked, unlabelled, set), copying, end)
    if (code !== undefined) return code
  }
  const found = await findOn(engine, ref, { behind: asked.command.length }).catch(async (error: unknown) => {
    const code = await runInImage(engine, text, settle(asked, unlabelled, set), copying, end)
    if (code === undefined) throw error
    return code
  })
  if (typeof found === 'number') return found
  const { engine: there, target } = found
  const request = settle(asked, target, set)
  if (target.state === 'paused' && !flags.copy) return paused(there, target, request, copying, end, flags.unpause)
  if (flags.copy) return runInCopy(there, target, request, copying, end)
  return toolsOrCopy(there, target, request, copying, end)
}

/** Tools in it; in a copy, where it ended meanwhile: one that keeps ending runs for a moment now and then. */
async function toolsOrCopy(
  engine: Engine,
  target: Target,
  request: Request,
  copying: DebugOptions,
  end: ExecEnd,
): Promise<number> {
  let now = target
  for (let attempt = 0; now.state === 'running' && attempt < 2; attempt++) {
    try {
      return await bringTools(engine, now, request, copying, end)
    } catch (error) {
      if (!(error instanceof Ended)) throw error
    }
    now = await resolve(engine, { kind: 'id', text: target.id }, here())
  }
  return runInCopy(engine, now, request, copying, end)
}

async function paused(
  engine: Engine,
  target: Target,
  request: Request,
  options: DebugOptions,
  end: ExecEnd,
  unpause: boolean,
): Promise<number> {
  if (!unpause) {
    throw new DockerBashError(`${target.name} is paused: nothing in it can run`, {
      hint: `docker-bash debug --unpause ${target.name} for as long as you look, or --copy ${target.name}`,
    })
  }
  const pause = await unpaused(engine, target)
  try {
    const running = await resolve(engine, { kind: 'id', text: target.id }, here())
    return await bringTools(engine, running, request, options, end)
  } finally {
    await pause()
  }
}

function bringTools(
  engine: Engine,
  found: Target,
  request: Request,
  { tools: own, toolbox, writable }: DebugOptions,
  end: ExecEnd,
): Promise<number> {
  requireRunning(found)
  // Tools come along whatever shell or sshd there is.
  const target: Probed = { ...withRuntime(found, 'debug'), shells: notLooked, sshd: notLooked }
  const pidNow = async () => (await resolve(engine, { kind: 'id', text: target.id }, here())).pid
  const chosen = plan(target, { ...request, via: 'debug' }, judges())
  end.note(describe(chosen))
  return runPlan([toolTransport(engine, end, { ...end, pidNow, tools: { own, toolbox, writable } })], chosen, engine)
}
