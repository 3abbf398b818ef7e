import { randomBytes } from 'node:crypto'

import { inspectContainer } from '../../engine/containers'
import type { Engine } from '../../engine/engine'

import { holdContainer } from '../../engine/owned-container'
import type { ContainerInspectInfo, HostConfig } from '../../engine/types'
import { DockerBashError } from '../../errors'
import { environmentOf, withHome } from '../../host/environment'
import { type HostUser, resolveUser } from '../../host/users'
import { looked, type Plan, type Request, type Session, type Target } from '../../model'
import { nameOf } from '../../text/env-entries'
import { ownBusybox, toolboxImage, toolFolder } from '../../toolbox/image'
import { toolVolume } from '../../toolbox/volume'
import type { Before } from '../shared/exec-site'
import { userFilesBy } from '../shared/user-files'
import { toolEnv, toolWords } from './argv'
import arrive from './arrive.line.sh'
import become from './become-user.line.sh'
import type { DebugDeps, ToolOptions } from './deps'
import enter from './enter-root.line.sh'

/** The tools by a descriptor: whoever is inside reaches them by it, under any user, and nobody by a name. */
const tools = '/proc/self/fd/9'

/** What it takes to get there, with what the target has. */
const needed = ['SYS_PTRACE', 'SYS_CHROOT', 'SETUID', 'SETGID', 'KILL']

/**
 * The tools in a container beside the target, in its namespaces, for those who are not root on the engine's host. What
 * is run changes over to the root of the target's first process. Nothing is mounted and nothing written there.
 */
export async function openBeside(
  engine: Engine,
  { tools: asks, elsewhere, before }: Pick<DebugDeps, 'tools' | 'elsewhere' | 'before'>,
  plan: Plan,
  abort: AbortSignal,
): Promise<Session> {
  const { target, request } = plan
  requireNothingMore(target, asks)
  const [info, user, image] = await Promise.all([
    inspectContainer(engine, target.id),
    whoIn(engine, target, request),
    toolboxImage(engine, asks.toolbox),
  ])
  const volume = asks.own === undefined ? undefined : await toolVolume(engine, image, target.name, asks.own)
  const sidecar = await holdContainer(engine, `${target.name}-tools-${randomBytes(3).toString('hex')}`, {
    Image: image.tag,
    Entrypoint: [ownBusybox, 'sh', '-c', 'read -r line'],
    Labels: { 'docker-bash.debug': target.id },
    HostConfig: { ...beside(info, user), ...(volume && { VolumesFrom: [volume.readOnly] }) },
  }).finally(() => volume?.drop())
  const env = environmentFor(plan, info, user, asks.own !== undefined)
  try {
    const words = toolWords(request, `${tools}/${image.shell}`, before)
    const inner: Plan = {
      ...plan,
      target: { ...target, env, shells: looked([`${tools}/${image.shell}`]) },
      request: { command: words, env: [], tty: request.tty, stdin: request.stdin, ...asked(request) },
    }
    const where = {
      ...{ container: sidecar.id, shell: '/bin/sh', user: `0:${user.gid}` },
      before: (tag: string, variables: readonly string[]) => way(target, request, user, [...env, ...variables], tag),
    }
    const session = await elsewhere(inner, where, abort)
    return withRelease(session, sidecar.release)
  } catch (error) {
    await sidecar.release()
    throw error
  }
}

/** For the messages about what was asked for and is not there. */
function asked({ user, workdir }: Request): Partial<Request> {
  return { ...(user && { user }), ...(workdir && { workdir }) }
}

function requireNothingMore({ name }: Target, { writable }: ToolOptions): void {
  if (!writable) return
  throw new DockerBashError(`the root of ${name} stays as it is for a container beside it`, {
    hint: `as root on its host: docker-bash debug --writable ${name}; or in a copy: docker-bash debug --copy --writable ${name}`,
  })
}

/** Who it will be, by the target's own files, as the engine's exec would have it. */
async function whoIn(engine: Engine, target: Target, request: Request): Promise<HostUser> {
  const spec = request.user || target.user || '0'
  return resolveUser(spec, await userFilesBy(engine, target), target.groupAdd ?? [], target.name)
}

/** In the target's namespaces, confined as it is. */
function beside({ Id, HostConfig: host }: ContainerInspectInfo, user: HostUser): HostConfig {
  const target = `container:${Id}`
  const ipc = host.IpcMode === 'shareable' ? target : host.IpcMode
  const shared = ipc && ipc !== 'private' && ipc !== 'none' ? { IpcMode: ipc } : {}
  return {
    ...{ AutoRemove: true, ReadonlyRootfs: true, NetworkMode: target, ...shared },
    PidMode: host.PidMode === 'host' ? 'host' : target,
    ...{
      CapAdd: [...(host.CapAdd ?? []), ...needed],
      CapDrop: host.CapDrop ?? [],
      Privileged: host.Privileged ?? false,
    },
    ...{ SecurityOpt: host.SecurityOpt ?? [], UsernsMode: host.UsernsMode ?? '' },
    GroupAdd: user.groups.map(String),
  }
}

function environmentFor({ target, request }: Plan, { Config }: ContainerInspectInfo, user: HostUser, own: boolean) {
  const env = environmentOf(undefined, target, request)
  // Not its ID's start where it was given another.
  const given = new Set([...target.env, ...request.env])
  const named = env.map((entry) =>
    nameOf(entry) === 'HOSTNAME' && !given.has(entry) ? `HOSTNAME=${Config.Hostname}` : entry,
  )
  return toolEnv(withHome(named, user.home), own ? [`${tools}/own`, tools] : [tools], target.name, request)
}

function way(target: Target, request: Request, { uid }: HostUser, env: readonly string[], tag: string): Before {
  const cwd = request.workdir || target.workdir || '/'
  const busybox = `${tools}/busybox`
  const words = [
    ...[ownBusybox, 'sh', '-c', enter, tag, target.sharesPids ? target.id : '', toolFolder, ownBusybox],
    ...[busybox, 'sh', '-c', become, tag, cwd, String(uid)],
    ...[busybox, 'sh', '-c', arrive, tag, cwd, String(env.length), busybox],
  ]
  return { words, env: env.map((entry, index) => `_dbw${index}=${entry}`) }
}

function withRelease(session: Session, release: () => Promise<void>): Session {
  // A class's methods do not come along by spreading.
  const { stdin, stdout, stderr, resize, signal } = session
  return {
    ...(stdin && { stdin }),
    ...(stdout && { stdout }),
    ...(stderr && { stderr }),
    ...(resize && { resize: resize.bind(session) }),
    ...(signal && { signal: signal.bind(session) }),
    // Not waited for: the terminal is the user's again as soon as the command has ended. The process lasts until then.
    ended: session.ended.finally(() => void release()),
    close: async () => {
      await session.close()
      await release()
    },
  }
}
