import { settle } from '../config/resolve-settings'
import type { Settings } from '../config/settings'
import { needsShell } from '../inside/argv'
import { looked, notLooked, type Probed, type Request, type Session } from '../model'
import { plan } from '../plan'
import { resolve } from '../target/resolve'
import { type WithRuntime, withRuntime } from '../target/runtime'
import { findShells } from '../target/shells'
import { requireRunning } from '../target/state'
import { execTransport } from '../transport/exec/exec'
import { runcTransport } from '../transport/runc/runc'
import { SupervisedSession } from './runc-session'
import type { RuncSupervisor } from './runc-supervisor'
import type { Member } from './select'

export interface OpenOptions {
  readonly request: Request
  readonly settings: Settings
  /** What starts runtimes, where there can be one. */
  readonly supervisor?: RuncSupervisor | undefined
  /** A line of ours about one member, for `-v`. */
  readonly note: (member: Member, text: string) => void
  /** A line of ours about one member, always. */
  readonly warn: (member: Member, text: string) => void
}

/**
 * Begins the command in a member, by the runtime where this is its host and we are root, else by the engine's exec.
 * @throws DockerBashError when it does not run any more, or the command cannot be started
 */
export async function open(
  member: Member,
  { request: asked, settings, supervisor, note, warn }: OpenOptions,
  abort: AbortSignal,
): Promise<Session> {
  const { engine, id } = member
  const found = await resolve(engine, { kind: 'id', text: id }, { cwd: '/', env: {} })
  requireRunning(found)
  const request = settle(asked, found, settings)
  const target = await probed(member, withRuntime(found, request.via ?? 'runc'), request)
  const deps = {
    findShell: async () => (await findShells(engine, target, request.user, request.shell))[0],
    size: undefined,
    apart: true,
    note: (text: string) => note(member, text),
    warn: (text: string) => warn(member, text),
  }
  const ways = [runcTransport(deps), execTransport(engine, deps)]
  const chosen = plan(target, request, ways)
  note(
    member,
    `by ${chosen.transport}: ${chosen.verdicts.find(({ transport }) => transport === chosen.transport)?.because}`,
  )
  if (chosen.transport === 'runc' && supervisor && !request.stdin) return new SupervisedSession(supervisor, chosen)
  const way = ways.find(({ name }) => name === chosen.transport)
  if (!way) throw new TypeError(`no transport ${chosen.transport}`)
  return way.open(chosen, abort)
}

/** Nobody looks for an sshd: no member is entered by SSH. */
async function probed({ engine }: Member, target: WithRuntime, request: Request): Promise<Probed> {
  const shells = needsShell(request) ? looked(await findShells(engine, target, request.user, request.shell)) : notLooked
  return { ...target, shells, sshd: notLooked }
}
