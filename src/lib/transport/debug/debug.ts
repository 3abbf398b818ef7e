import { randomBytes } from 'node:crypto'
import { closeSync } from 'node:fs'
import { inspectContainer } from '../../engine/containers'
import { type Engine, statusOf } from '../../engine/engine'
import { DockerBashError, Ended } from '../../errors'
import { namelessFile } from '../../host/anonymous-file'
import { forFiles, forLarge } from '../../host/temporary-places'
import { needsShell } from '../../inside/argv'
import type { Plan, Request, Session, Target, Transport, Verdict } from '../../model'
import { approachTo } from '../../namespaces/entry-plan'
import { keeperFor, openWay } from '../../namespaces/session'
import { begins } from '../../session/beginning'
import { openToolbox } from '../../toolbox/image'
import type { Toolbox } from '../../toolbox/toolbox'
import type { Surroundings } from '../shared/deps'
import type { OpenElsewhere } from '../shared/exec-site'
import { wayFailure } from '../shared/namespace-failures'
import { toolEnv, toolWords } from './argv'
import { openBeside } from './sidecar'

/** Folders that a container has and hardly uses; engines hide the first ones behind empty folders by themselves. */
const places = [
  ...['/sys/firmware', '/proc/acpi', '/proc/scsi', '/dev/mqueue', '/proc/tty', '/mnt', '/media', '/srv', '/opt'],
  ...['/home', '/var/tmp', '/tmp', '/run'],
]

/** Tools brought along into a container that has none. */
export function debugTransport(engine: Engine, around: Surroundings, elsewhere: OpenElsewhere): Transport {
  return {
    name: 'debug',
    judge,
    open: (plan, abort) => {
      const { target, request } = plan
      if (request.via !== 'debug') {
        const why = target.shells?.length === 0 ? `${target.name} has no shell: ` : ''
        around.warn(`${why}tools are brought along (docker-bash debug)`)
      }
      const opening = target.onHost?.certain
        ? open(engine, around, plan, abort)
        : openBeside(engine, around, plan, elsewhere, abort)
      return opening.catch(async (error: unknown) => {
        throw await endedMeanwhile(engine, target, error)
      })
    },
  }
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

function judge(target: Target, request: Request): Verdict {
  const onHost = target.onHost?.certain === true
  const costs = onHost
    ? ['tools that are not the container’s', 'no seccomp filter', 'no exec event in the engine’s log']
    : ['tools that are not the container’s', 'a container beside it while it lasts, with limits of its own', besideCaps]
  const verdict = (fits: boolean, because: string): Verdict => ({ transport: 'debug', fits, because, costs })
  if (target.state !== 'running') {
    const remedy = `docker-bash debug ${target.name}`
    return { ...verdict(false, `the container is ${target.state}; a copy of it can be looked at`), remedy }
  }
  if (request.via !== 'debug' && needsShell(request) && target.shells?.length) {
    return verdict(true, 'not needed: there is a shell')
  }
  if (onHost) return verdict(true, 'tools in a private copy of its mounts, which nobody else sees')
  return verdict(true, 'tools in a container beside it, in its namespaces')
}

const besideCaps = 'as root, also SYS_PTRACE, SYS_CHROOT, SETUID, SETGID and KILL'

/** Laid into a private copy of the target's mount namespace, over a folder that is empty there. */
async function open(
  engine: Engine,
  around: Surroundings,
  { target, request }: Plan,
  abort: AbortSignal,
): Promise<Session> {
  const toolbox = await openToolbox(engine, around.toolbox)
  const marker = `@${randomBytes(8).toString('hex')}@`
  const words = toolWords(request, `${marker}/${toolbox.shell}`)
  const approach = await approachTo(target, request, around.pidNow)
  const { tools: own } = around
  const folders = own === undefined ? [marker] : [`${marker}/own`, marker]
  const descriptor = await programsOf(toolbox)
  const files = toolbox.files.map(({ name, bytes }) => ({ name, size: bytes.length }))
  const tools = { descriptor: 6, files, links: toolbox.links, places, marker, own, writable: around.writable === true }
  try {
    const env = toolEnv(approach.env, folders, target.name, request)
    const keeper = await keeperFor(request, [descriptor])
    const opening = openWay(request, { ...approach, words, size: around.size, tools, env }, keeper)
    return await begins(opening, abort, target.name).catch((error: unknown) => {
      keeper.release()
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
