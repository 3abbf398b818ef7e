import { setTimeout as later } from 'node:timers/promises'
import { monotonic } from '../clock'
import { settle } from '../config/resolve-settings'
import type { Settings } from '../config/settings'
import { statPath } from '../engine/archive'
import type { Engine } from '../engine/engine'
import { DockerBashError, NotBegun } from '../errors'
import { ContainerRoot } from '../host/container-rootfs'
import { readProc, readStat } from '../host/proc'
import type { HostUser } from '../host/users'
import { looked, notLooked, type Probed, type Request, type Session, type Target, type Transport } from '../model'
import { plan, planWithout } from '../plan'
import { forFiles, type SftpStreams, sftpStreams } from '../sftp/server'
import type { Held } from '../sockets/maker'
import { resolve } from '../target/resolve'
import { type WithRuntime, withRuntime } from '../target/runtime'
import { findShells } from '../target/shells'
import { requireRunning } from '../target/state'
import { debugTransport } from '../transport/debug/debug'
import type { ToolOptions } from '../transport/debug/deps'
import type { ExecDeps } from '../transport/exec/deps'
import { execTransport, openElsewhere } from '../transport/exec/exec'
import { runcTransport } from '../transport/runc/runc'
import type { OpenElsewhere } from '../transport/shared/exec-site'
import { scriptOf } from './command'
import { readLogin } from './login-user'
import { type Asked, meantRequest, type Ways } from './meant-request'
import { ownUser } from './own-user'
import { ContainerSockets, type Kind, type Within } from './sockets'
import { withModes } from './terminal-modes'

/** In milliseconds: what was seen so short a time ago of a container that runs on is as it was. */
const fresh = 1000

/** In milliseconds: of its processes the first goes last. */
const lastMoments = 300

export interface Surroundings {
  readonly engine: Engine
  readonly target: Target
  readonly settings: Settings
  /** Every session goes this way, whatever the settings say. */
  readonly via?: 'exec' | 'debug' | undefined
  /** May be brought along; without them a container that has no shell runs plain words alone. */
  readonly tools?: ToolOptions
  readonly note: (text: string) => void
  readonly warn: (text: string) => void
}

/** The one container that a client is led to, and who it is in there. */
export class Container {
  readonly name: string
  readonly #around: Surroundings
  #user: string | undefined
  #who: HostUser | undefined
  #sockets: ContainerSockets | undefined
  #seen: { readonly at: number; readonly start: number | undefined; readonly target: WithRuntime }
  #isOver = false

  /** @param around what was found of it just now */
  constructor(around: Surroundings) {
    this.#around = around
    this.name = around.target.name
    this.#seen = seenNow(around.target)
  }

  /** @throws DockerBashError when it does not know this user, with those that it knows */
  async become(name: string): Promise<void> {
    const { engine, settings } = this.#around
    const target = await this.#now()
    const asked = name === '' || name === ownUser ? undefined : name
    const request = { command: ['true'], env: [], tty: false, stdin: true, ...(asked !== undefined && { user: asked }) }
    const { user } = settle(request, target, settings)
    this.#who = await readLogin(engine, target, user || target.user)
    this.#user = user
  }

  get login(): string {
    return (this.#user || this.#around.target.user || 'root').split(':')[0] ?? ''
  }

  /**
   * Begins what was asked for, by the first way that fits and begins.
   * @throws DockerBashError when nothing can be begun; 127 where it takes a shell that is not there
   */
  async open(asked: Asked, abort: AbortSignal): Promise<Session> {
    const { engine, settings, note, warn } = this.#around
    const target = await this.#now()
    const { terminal } = asked
    const first: Request = {
      command: [],
      ...(asked.command && { script: scriptOf(asked.command) }),
      ...(this.#user && { user: this.#user }),
      env: asked.env,
      tty: terminal !== undefined,
      stdin: true,
    }
    const request = { workdir: await this.#folder(target), ...settle(first, target, settings) }
    const probed = await this.#probed(target, request)
    const meant = meantRequest(probed, request, asked, this.#ways)
    const deps = {
      findShell: async () => (await findShells(engine, probed, request.user, request.shell))[0],
      ...{ size: terminal?.size, apart: true, note, warn },
    }
    const ways = [runcTransport(deps), execTransport(engine, deps), ...this.#toolWay(deps, terminal?.modes ?? [])]
    for (let chosen = plan(probed, meant, ways); ; ) {
      const way = ways.find(({ name }) => name === chosen.transport)
      if (!way) throw new TypeError(`no transport ${chosen.transport}`)
      note(`by ${chosen.transport}: ${chosen.verdicts.find(({ transport }) => transport === way.name)?.because}`)
      try {
        return await way.open(chosen, abort)
      } catch (error) {
        const next = error instanceof NotBegun ? planWithout(chosen, error.message) : undefined
        if (!next) throw error
        chosen = next
      }
    }
  }

  /**
   * A server of its files, as the user: in its mounts, or from beside it where these cannot be entered.
   * @throws NotBegun where neither can be begun, and a server of its own may do
   */
  async files(): Promise<SftpStreams> {
    const { engine, target } = this.#around
    const held = await this.#held()
    const who = this.#who
    if (!who) throw new TypeError('nobody has come in yet')
    if (!held) return (await import('./files-beside')).filesBeside(engine, target, who)
    const { uid, gid, groups, home } = who
    // No more than its own root may.
    const bounds = BigInt(`0x${/^CapBnd:\s+([0-9a-f]+)$/m.exec(readProc(held.pid, 'status') ?? '')?.[1] ?? '0'}`)
    const capabilities = forFiles.filter((bit) => (bounds >> BigInt(bit)) & 1n)
    return sftpStreams({
      ...held,
      ...{ uid, gid, groups: [...new Set([gid, ...groups])], capabilities, home },
    })
  }

  /** Makes sockets in its network: there, or from beside it. @throws DockerBashError where neither can be begun */
  async sockets(kind: Kind): Promise<Within> {
    const held = await this.#held()
    // One that nobody closes would be there for as long as a gateway is.
    if (this.#isOver) throw new DockerBashError('the client is gone')
    const { engine, target } = this.#around
    this.#sockets ??= new ContainerSockets(engine, target, this.#who)
    return this.#sockets.of(kind, held)
  }

  /** Whether it has ended, as far as that is seen from here. Its last moments are waited for. */
  async hasEnded(): Promise<boolean> {
    const { start, target } = this.#seen
    if (start === undefined) return false
    for (const until = monotonic() + lastMoments; readStat(target.pid)?.start === start; await later(10)) {
      if (monotonic() > until) return false
    }
    return true
  }

  async close(): Promise<void> {
    this.#isOver = true
    await Promise.race([this.#sockets?.close(), later(2000, undefined, { ref: false })])
  }

  /** As it is now: it may have been started anew. */
  async #now(): Promise<WithRuntime> {
    const { at, start, target } = this.#seen
    if (monotonic() - at < fresh && readStat(target.pid)?.start === start) return target
    const found = await resolve(this.#around.engine, { kind: 'id', text: target.id }, { cwd: '/', env: {} })
    requireRunning(found)
    this.#seen = seenNow(found)
    return this.#seen.target
  }

  async #held(): Promise<Held | undefined> {
    const { name, pid, onHost } = await this.#now()
    const start = readStat(pid)?.start
    return onHost.looked && onHost.found.certain && start !== undefined ? { name, pid, start } : undefined
  }

  /** By tools that are brought along because the user says so. */
  get #byTools(): boolean {
    const { via, tools, settings } = this.#around
    return tools !== undefined && (via ?? settings.via?.value) === 'debug'
  }

  get #ways(): Ways {
    const { via, tools } = this.#around
    return { byTools: this.#byTools, mayBring: tools !== undefined && !via, via }
  }

  #toolWay(end: ExecDeps, modes: readonly string[]): Transport[] {
    const { engine, target, tools } = this.#around
    if (!tools) return []
    const pidNow = async () => (await resolve(engine, { kind: 'id', text: target.id }, { cwd: '/', env: {} })).pid
    const elsewhere: OpenElsewhere = (plan, where, abort) => openElsewhere(engine, end, plan, where, abort)
    const before = (words: readonly string[], shell: string) => withModes(modes, words, shell)
    return [debugTransport(engine, { ...end, apart: true, tools, pidNow, elsewhere, before })]
  }

  async #probed(target: WithRuntime, request: Request): Promise<Probed> {
    if (this.#byTools) return { ...target, shells: notLooked, sshd: notLooked }
    const shells = await findShells(this.#around.engine, target, request.user, request.shell)
    return { ...target, shells: looked(shells), sshd: notLooked }
  }

  /** Where a login begins: at home, if that is there. */
  async #folder({ id, pid }: Target): Promise<string> {
    const home = this.#who?.home || '/'
    const isThere = (await this.#held())
      ? new ContainerRoot(pid).stat(home)?.isDirectory()
      : (await statPath(this.#around.engine, id, home))?.kind === 'folder'
    return isThere ? home : '/'
  }
}

function seenNow(target: Target) {
  return { at: monotonic(), start: readStat(target.pid)?.start, target: withRuntime(target) }
}
