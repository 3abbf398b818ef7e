import { randomBytes } from 'node:crypto'
import { closeSync } from 'node:fs'
import { inspectContainer } from '../../engine/containers'
import { type Engine, statusOf } from '../../engine/engine'
import { DockerBashError, Ended } from '../../errors'
import { namelessFile } from '../../host/anonymous-file'
import { forFiles, forLarge } from '../../host/temporary-places'
import { needsShell } from '../../inside/argv'
import {
  type Judge,
  knownShells,
  type Plan,
  type Probed,
  type Request,
  type Session,
  type Target,
  type Transport,
  type Verdict,
} from '../../model'
import { approachTo } from '../../namespaces/entry-plan'
import { openWay, supervisorFor } from '../../namespaces/session'
import { begins } from '../../session/beginning'
import { openToolbox } from '../../toolbox/image'
import type { Toolbox } from '../../toolbox/toolbox'
import { wayFailure } from '../shared/namespace-failures'
import { preconditions, type Refusal, runs, verdictOf } from '../shared/preconditions'
import { toolEnv, toolWords } from './argv'
import type { DebugDeps } from './deps'
import { openBeside } from './sidecar'

/** Folders that a container has and hardly uses; engines hide the first ones behind empty folders by themselves. */
const places = [
  ...['/sys/firmware', '/proc/acpi', '/proc/scsi', '/dev/mqueue', '/proc/tty', '/mnt', '/media', '/srv', '/opt'],
  ...['/home', '/var/tmp', '/tmp', '/run'],
]

export const debugJudge: Judge = { name: 'debug', judge }

/** Tools brought along into a container that has none. */
export function debugTransport(engine: Engine, deps: DebugDeps): Transport {
  return {
    ...debugJudge,
    open: (plan, abort) => {
      const { target, request } = plan
      if (request.via !== 'debug') {
        const { shells, name } = target
        const why = shells.looked && shells.found.length === 0 ? `${name} has no shell: ` : ''
        deps.warn(`${why}tools are brought along (docker-bash debug)`)
      }
      const opening = isSeenOnHost(target) ? open(engine, deps, plan, abort) : openBeside(engine, deps, plan, abort)
      return opening.catch(async (error: unknown) => {
        throw await endedMeanwhile(engine, target, error)
      })
    },
  }
}

/** Its first process is seen here, and certain to be its own. */
function isSeenOnHost({ onHost }: Probed): boolean {
  return onHost.looked && onHost.found.certain
}

/** What failed because its container ended, of which each step has words of its own; anything else is given back. */
async function endedMeanwhile(engine: Engine, { id, name, pid }: Target, error: unknown): Promise<unknown> {
  if (error instanceof Ended) return error
  const refused = statusOf(error)
  if (refused !== 409 && refused !== 404 && !(error instanceof DockerBashError)) return error
  const state = await inspectContainer(engine, id).then(
    ({ State }) => State,
    () => undefined,
  )
  const isThere = state?.Running && !state.Restarting && state.Pid === pid
  return state === undefined || isThere ? error : new Ended(name, error)
}

function judge(target: Probed, request: Request): Verdict {
  const onHost = isSeenOnHost(target)
  const costs = onHost
    ? ['tools that are not the container’s', 'no seccomp filter', 'no exec event in the engine’s log']
    : ['tools that are not the container’s', 'a container beside it while it lasts, with limits of its own', besideCaps]
  const verdict = (outcome: Refusal | string) => verdictOf('debug', costs, outcome)
  const stopped = preconditions(target, request, [runs])
  if (stopped) {
    const remedy = `docker-bash debug ${target.name}`
    return verdict({ because: `${stopped.because}; a copy of it can be looked at`, remedy })
  }
  if (request.via !== 'debug' && needsShell(request) && knownShells(target).length > 0) {
    return verdict('not needed: there is a shell')
  }
  if (onHost) return verdict('tools in a private copy of its mounts, which nobody else sees')
  return verdict('tools in a container beside it, in its namespaces')
}

const besideCaps = 'as root, also SYS_PTRACE, SYS_CHROOT, SETUID, SETGID and KILL'

/** Laid into a private copy of the target's mount namespace, over a folder that is empty there. */
async function open(engine: Engine, deps: DebugDeps, { target, request }: Plan, abort: AbortSignal): Promise<Session> {
  const { own, toolbox: image, writable = false } = deps.tools
  const toolbox = await openToolbox(engine, image)
  const marker = `@${randomBytes(8).toString('hex')}@`
  const words = toolWords(request, `${marker}/${toolbox.shell}`, deps.before)
  const approach = await approachTo(target, request, deps.pidNow)
  const folders = own === undefined ? [marker] : [`${marker}/own`, marker]
  const descriptor = await programsOf(toolbox)
  const files = toolbox.files.map(({ name, bytes }) => ({ name, size: bytes.length }))
  const tools = { descriptor: 6, files, links: toolbox.links, places, marker, own, writable: writable }
  try {
    const env = toolEnv(approach.env, folders, target.name, request)
    const supervisor = await supervisorFor(request, [descriptor], deps.apart)
    const opening = openWay(request, { ...approach, words, size: deps.size, tools, env }, supervisor)
    return await begins(opening, abort, target.name).catch((error: unknown) => {
      supervisor.release()
      throw error
    })
  } catch (error) {
    throw await wayFailure(error, target, request, words)
  } finally {
    closeSync(descriptor)
  }
}

/** All of its programs in one file without a name, one behind the other. */
function programsOf({ files }: Toolbox): Promise<number> {
  const bytes = Buffer.concat(files.map((file) => file.bytes))
  return namelessFile(bytes, bytes.length > 16 * 1024 * 1024 ? forLarge() : forFiles())
}
