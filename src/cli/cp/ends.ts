import type { ArchiveOf } from '../../lib/copy/archive-tar'
import { lookByArchive } from '../../lib/copy/by-archive'
import { lookOf } from '../../lib/copy/copy'
import type { Look } from '../../lib/copy/landing'
import { type CopyFacts, type CopyWay, copyWays } from '../../lib/copy/ways'
import type { Place } from '../../lib/copy/words'
import { readSmallFile } from '../../lib/engine/archive'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { readStat } from '../../lib/host/proc'
import { type HostUser, readUser, resolveUser, userFileLimit } from '../../lib/host/users'
import type { Target } from '../../lib/model'
import { FileServer, type FilesOf, forAllFiles, forFiles } from '../../lib/sftp/server'
import { parseTarget } from '../../lib/target/parse'
import { type WithRuntime, withRuntime } from '../../lib/target/runtime'
import type { Found } from '../../lib/target/types'
import { findTarget } from '../find-target'

/** How the files of a container, or ours, are reached. */
export type End =
  | { readonly kind: 'here' }
  | { readonly kind: 'inside'; readonly files: FilesOf; readonly way: CopyWay }
  | { readonly kind: 'archive'; readonly archive: ArchiveOf; readonly way: CopyWay }

export interface InsideFlags extends EndpointChoice {
  readonly user?: string | undefined
  readonly archive: boolean
}

/** A container, and the way to its files. */
export interface Reached {
  readonly end: End
  readonly name: string
  /** Who `NAME|UID[:GROUP]` is in it; empty for its own user. */
  user(text: string): Promise<Pick<HostUser, 'uid' | 'gid'>>
}

export async function reach(place: Place & { kind: 'inside' }, flags: InsideFlags): Promise<Reached> {
  const found = await findTarget(parseTarget(place.target), flags, { word: place.target })
  const target = withRuntime(found.target)
  const [best, other] = copyWays(copyFacts(target))
  const start = best.fits ? readStat(target.pid)?.start : undefined
  if (start !== undefined) {
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
      end: { kind: 'inside', files, way: best },
      name: target.name,
      user: async (text) => readUser(text || target.user, target),
    }
  }
  return byArchive(found, target, best.fits ? { ...other, because: 'it has just ended' } : other)
}

/** What says which way there is. */
export function copyFacts({ state, local, foreign, onHost }: WithRuntime): CopyFacts {
  const certain = onHost.looked && onHost.found.certain
  return { state, local, foreign, root: process.getuid?.() === 0, certain }
}

function byArchive({ engine }: Found, target: Target, way: CopyWay): Reached {
  const { id, name } = target
  return {
    end: { kind: 'archive', archive: { engine, id, name }, way },
    name,
    user: async (text) => {
      const spec = text || target.user
      const read = async (path: string) => (await readSmallFile(engine, id, path, userFileLimit))?.toString() ?? ''
      const passwd = await read('/etc/passwd')
      // The engine takes its time for each. What other groups there are says nothing of whose a copy is.
      const group = spec.includes(':') ? await read('/etc/group') : ''
      return resolveUser(spec, { passwd, group }, [], name)
    },
  }
}

/** Ours. */
export const hereEnd: End = { kind: 'here' }

/** Servers of the files of each end, no more of them than are needed. */
export class Servers {
  readonly #open: FileServer[] = []
  readonly #first = new Map<End, Promise<FileServer>>()
  readonly #pairs = new Map<End, Map<End, readonly [FileServer, FileServer]>>()
  /** Those that another one is joined to. */
  readonly #joined = new Set<FileServer>()

  /** One for an end, whoever else has it. */
  one(end: End): Promise<FileServer> {
    const server = this.#first.get(end) ?? this.#start(end)
    this.#first.set(end, server)
    return server
  }

  /** It will be needed: begun while something else is waited for. */
  begin(end: End): void {
    this.one(end).catch(() => undefined)
  }

  /** Two that are joined. */
  async pair(from: End, to: End): Promise<readonly [FileServer, FileServer]> {
    const known = this.#pairs.get(from)?.get(to)
    if (known) return known
    const first = await this.one(from)
    const free = this.#joined.has(first) ? await this.#start(from) : first
    const second = await this.#start(to, free)
    this.#joined.add(free).add(second)
    if (!this.#first.has(to)) this.#first.set(to, Promise.resolve(second))
    const pair = [free, second] as const
    this.#pairs.set(from, (this.#pairs.get(from) ?? new Map()).set(to, pair))
    return pair
  }

  async look(end: End): Promise<Look> {
    return end.kind === 'archive' ? lookByArchive(end.archive) : lookOf((await this.one(end)).client)
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#first.values())
    await Promise.all(this.#open.map((server) => server.close()))
  }

  async #start(end: End, joined?: FileServer): Promise<FileServer> {
    if (end.kind === 'archive') throw new TypeError('the engine has no server of files')
    const server = await FileServer.start(end.kind === 'inside' ? end.files : undefined, joined)
    this.#open.push(server)
    return server
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
