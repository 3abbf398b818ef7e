import { startCleanup } from '../../lib/engine/cleanup'
import { inspectContainer, pauseContainer, unpauseContainer } from '../../lib/engine/containers'
import type { Engine } from '../../lib/engine/engine'
import { statusOf } from '../../lib/engine/engine'
import { inspectImage } from '../../lib/engine/images'
import { lastLines } from '../../lib/engine/logs'
import type { ContainerInspectInfo } from '../../lib/engine/types'
import { DockerBashError } from '../../lib/errors'
import { looked, notLooked, type Probed, type Request, type Target } from '../../lib/model'
import { plan } from '../../lib/plan'
import { here } from '../../lib/target/compose'
import { resolve } from '../../lib/target/resolve'
import { withRuntime } from '../../lib/target/runtime'
import { findShells } from '../../lib/target/shells'
import { since } from '../../lib/text/time'
import { type Copy, type CopyOptions, copyContainer, copyImage } from '../../lib/transport/debug/copy'
import type { ExecEnd } from '../../lib/transport/exec/deps'
import { execTransport } from '../../lib/transport/exec/exec'
import { runcTransport } from '../../lib/transport/runc/runc'
import { say } from '../output/errors'
import { runPlan } from '../run-session'

export interface DebugOptions extends CopyOptions {
  /** Run what the container would have been started with. */
  readonly entrypoint: boolean
}

/** A session in a throwaway copy of a container. @returns the exit code */
export async function runInCopy(
  engine: Engine,
  target: Target,
  request: Request,
  options: DebugOptions,
  end: ExecEnd,
): Promise<number> {
  const info = await inspectContainer(engine, target.id)
  const started = [...wordsOf(info.Config.Entrypoint), ...(info.Config.Cmd ?? [])]
  await tellPast(engine, target, info)
  const copy = await copyContainer(engine, info, options)
  const how = [...readOnly(info, options), ...copy.without].map((clause) => `, ${clause}`).join('')
  say(`this is a copy of ${target.name}${how}; it would start ${JSON.stringify(started)}`)
  return runHeld(engine, copy, request, { ...options, started }, end)
}

/** What cannot be written in the copy. */
function readOnly({ HostConfig, Mounts }: ContainerInspectInfo, { writable }: CopyOptions): string[] {
  if (writable) return []
  const what = [...(HostConfig.ReadonlyRootfs ? ['root'] : []), ...(Mounts?.length ? ['mounts'] : [])]
  return what.length > 0 ? [`its ${what.join(' and ')} read-only (--writable)`] : []
}

/** A session in a container of an image. @returns undefined when there is no such image */
export async function runInImage(
  engine: Engine,
  name: string,
  request: Request,
  options: DebugOptions,
  end: ExecEnd,
): Promise<number | undefined> {
  const image = await inspectImage(engine, name).catch((error: unknown) => {
    if (statusOf(error) === 404 || statusOf(error) === 400) return undefined
    throw error
  })
  if (!image) return undefined
  const started = [...wordsOf(image.Config?.Entrypoint), ...(image.Config?.Cmd ?? [])]
  say(`this is a new container of the image ${name}; it would start ${JSON.stringify(started)}`)
  const copy = await copyImage(engine, name, image, options)
  return runHeld(engine, copy, request, { ...options, started }, end)
}

async function runHeld(
  engine: Engine,
  copy: Copy,
  request: Request,
  options: DebugOptions & { started: readonly string[] },
  end: ExecEnd,
): Promise<number> {
  try {
    const found = await resolve(engine, { kind: 'id', text: copy.id }, here())
    const held = withRuntime({ ...found, name: copy.name })
    const shells = await findShells(engine, held, request.user, request.shell)
    const [shell = copy.shell, ...others] = shells
    const target: Probed = { ...held, shells: looked([shell, ...others]), sshd: notLooked }
    const wanted = options.entrypoint ? { ...request, command: [...options.started, ...request.command] } : request
    const deps = { ...end, findShell: () => Promise.resolve(shell) }
    const ways = [runcTransport(deps), execTransport(engine, deps)]
    const env = [...wanted.env, toolPath(target, wanted, copy)]
    return await runPlan(ways, plan(target, { ...wanted, env }, ways))
  } finally {
    await copy.release()
    if (options.keep) say(`the copy is kept: docker rm ${copy.name} removes it`)
  }
}

/** The tools behind the copy's own programs. */
function toolPath(target: Target, request: Request, { folders }: Copy): string {
  const own = [...target.env, ...request.env].findLast((entry) => entry.startsWith('PATH='))
  return `${own ?? 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'}:${folders.join(':')}`
}

function wordsOf(entrypoint: string | string[] | undefined | null): string[] {
  return typeof entrypoint === 'string' ? [entrypoint] : (entrypoint ?? [])
}

/** How it last ended: code, out of memory, the last lines it wrote. */
async function tellPast(engine: Engine, target: Target, info: ContainerInspectInfo): Promise<void> {
  if (!target.exit) return
  const when = target.finishedAt ? ` ${since(Date.parse(target.finishedAt))} ago` : ''
  const { code, oom } = target.exit
  say(`${target.name} ended${when} with code ${code}${oom ? ' (out of memory)' : ''}`)
  for (const line of await lastLines(engine, target.id, info.Config.Tty, 20)) say(`  ${line}`)
}

/** The paused target, running for as long as the session lasts, or until we are killed. @returns what pauses it again */
export async function unpaused(engine: Engine, { id, name }: Target): Promise<() => Promise<void>> {
  const settled = startCleanup(engine.endpoint, { pause: id })
  await unpauseContainer(engine, id)
  return async () => {
    try {
      await pauseContainer(engine, id)
    } catch (cause) {
      const { State } = await inspectContainer(engine, id)
      if (State.Running && !State.Paused) {
        throw new DockerBashError(`${name} could not be paused again`, { hint: `docker pause ${name}`, cause })
      }
    } finally {
      settled()
    }
  }
}
