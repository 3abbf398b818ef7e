import type { ArchiveOf } from '../../lib/copy/by-archive'
import { lookByArchive } from '../../lib/copy/by-archive'
import { lookOf } from '../../lib/copy/copy'
import type { Look } from '../../lib/copy/landing'
import type { Place } from '../../lib/copy/words'
import { readSmallFile } from '../../lib/engine/archive'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { readStat } from '../../lib/host/proc'
import { type HostUser, readUser, resolveUser, userFileLimit } from '../../lib/host/users'
import type { Target } from '../../lib/model'
import { FileServer, type FilesOf, forAllFiles, forFiles } from '../../lib/sftp/server'
import { parseTarget } from '../../lib/target/parse'
import { withRuntime } from '../../lib/target/runtime'
import type { Found } from '../../lib/target/types'
import { findTarget } from '../find-target'

/** How the files of a container, or ours, are reached. */
export type End =
  | { readonly kind: 'here' }
  | { readonly kind: 'inside'; readonly files: FilesOf; readonly because: string }
  | { readonly kind: 'archive'; readonly archive: ArchiveOf; readonly because: string }

export interface InsideFlags extends EndpointChoice {
  readonly user?: string | undefined
  readonly archive: boolean
}

/** A container, and the way to its files. */
export interface Reached {
  readonly end: End
  readonly name: string
  /** Who `NAME|UID[:GROUP]` is in it; empty for its own user. */
  user(text: string): Promise<HostUser>
}

export async function reach(place: Place & { kind: 'inside' }, flags: InsideFlags): Promise<Reached> {
  const found = await findTarget(parseTarget(place.target), flags, { word: place.target })
  const target = withRuntime(found.target)
  const refused = refusal(target)
  const start = refused ? undefined : readStat(target.pid)?.start
  if (refused === undefined && start !== undefined) {
    const asked = flags.user === undefined ? undefined : readUser(flags.user, target)
    // All is root's to read and write, as with docker cp, unless somebody is named.
    const { uid, gid, groups } = asked ?? { uid: 0, gid: 0, groups: [] }
    const capabilities = flags.archive ? forAllFiles : forFiles
    const files = {
      name: target.name,
      pid: target.pid,
      start,
      uid,
      gid,
      groups: [...new Set([gid, ...groups])],
      capabilities,
    }
    return {
      end: { kind: 'inside', files, because: 'root on this host: its own mounts, file to file within the kernel' },
      name: target.name,
      user: async (text) => readUser(text || target.user, target),
    }
  }
  return byArchive(found, target, refused ?? 'it has just ended')
}

/** Why its mount namespace cannot be entered. */
function refusal({ state, local, foreign, onHost }: ReturnType<typeof withRuntime>): string | undefined {
  if (state !== 'running' && state !== 'paused') return `it is ${state}`
  if (!local) return foreign ?? 'its engine is not on this host'
  if (process.getuid?.() !== 0) return 'only root on this host can enter its mounts'
  if (!onHost.looked || !onHost.found.certain)
    return 'nothing here says that the process the engine names is the container’s'
  return undefined
}

function byArchive({ engine }: Found, target: Target, because: string): Reached {
  const { id, name, groupAdd = [] } = target
  return {
    end: { kind: 'archive', archive: { engine, id, name }, because },
    name,
    user: async (text) => {
      const [passwd = '', group = ''] = await Promise.all(
        ['/etc/passwd', '/etc/group'].map(async (path) =>
          (await readSmallFile(engine, id, path, userFileLimit))?.toString(),
        ),
      )
      return resolveUser(text || target.user, { passwd, group }, groupAdd, name)
    },
  }
}

/** A pair of servers, joined; for what needs no pair, a look alone. */
export class Servers {
  readonly #open: FileServer[] = []

  async start(end: End, joined?: FileServer): Promise<FileServer> {
    if (end.kind === 'archive') throw new TypeError('the engine has no server of files')
    const server = await FileServer.start(end.kind === 'inside' ? end.files : undefined, joined)
    this.#open.push(server)
    return server
  }

  async look(end: End): Promise<Look> {
    return end.kind === 'archive' ? lookByArchive(end.archive) : lookOf((await this.start(end)).client)
  }

  async close(): Promise<void> {
    await Promise.all(this.#open.map((server) => server.close()))
  }
}

/** `U[:G]` of this host. @throws DockerBashError unless we may give files away */
export async function ownUser(text: string): Promise<HostUser> {
  if (process.getuid?.() !== 0) {
    throw new DockerBashError('only root may give files here to others', { hint: 'leave --chown out, or use sudo' })
  }
  const { readFileSync } = await import('node:fs')
  const [passwd = '', group = ''] = ['/etc/passwd', '/etc/group'].map((path) => readFileSync(path, 'utf8'))
  return resolveUser(text, { passwd, group }, [], 'this host')
}
