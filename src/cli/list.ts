import { isatty } from 'node:tty'
import { settled } from '../lib/config/resolve-settings'
import type { Settings } from '../lib/config/settings'
import type { Engine } from '../lib/engine/engine'
import { type Damaged, unlessDamaged } from '../lib/files/data-files'
import { type Supervised, supervised } from '../lib/host/shim-containers'
import type { TransportName } from '../lib/model'
import { parseAuthorized } from '../lib/ssh/authorized'
import { enrolments } from '../lib/ssh/enrolment'
import { pinned } from '../lib/ssh/known-hosts'
import { portsOf } from '../lib/ssh/survey'
import { isStopped, type Listed, stateWords } from '../lib/target/container-list'
import { type Look, lookFromHost, lookThroughEngine } from '../lib/target/probe-files'
import { terminalSize } from '../lib/terminal/size'
import { table } from '../lib/terminal/table'
import { inTurns } from '../lib/text/map-concurrent'

/** A listed container, and what a look at it told. What is absent is not known. */
export interface Seen extends Listed, Omit<Look, 'held' | 'authorized'> {
  /** The keys that let somebody in: ours by our names for them, others by their comments. */
  readonly keys?: readonly string[]
  /** How a session would get in; absent: nothing can run in it now. */
  readonly via?: TransportName
}

/**
 * As many containers are looked at, at a time, through the engine. By ssh each question may be a login of its own, and
 * an sshd takes ten at a time (MaxStartups).
 */
const atOnce = { unix: 16, tcp: 16, ssh: 3 }

/** Looks at each that runs: from this host where that can be done, else by a few small questions to the engine. */
export async function seenOf(
  engine: Engine,
  listed: readonly Listed[],
  set: Settings,
  damaged: Damaged,
): Promise<Seen[]> {
  const held = engine.local && process.getuid?.() === 0 ? supervised() : new Map<string, Supervised>()
  const enrolled = new Map(enrolments(damaged).map(({ id, keys }) => [id, keys.map(({ key }) => key)]))
  return inTurns(listed, atOnce[engine.endpoint.kind], async (one) => {
    const look = one.state === 'running' ? await lookAt(engine, one, held.get(one.id), set, damaged) : undefined
    const mine = enrolled.get(one.id)
    const keys = await keysOf(look, mine)
    const via = look ? wayOf(look, mine !== undefined, set) : isStopped(one.state) ? 'debug' : undefined
    const { held: _held, authorized: _authorized, ...told } = look ?? { held: false }
    return { ...one, ...told, ...(keys && { keys }), ...(via && { via }) }
  })
}

async function lookAt(
  engine: Engine,
  one: Listed,
  held: Supervised | undefined,
  set: Settings,
  damaged: Damaged,
): Promise<Look> {
  const pin = unlessDamaged(() => pinned(one.id), damaged)?.port
  const ports = [...(held?.sshd ?? []).flatMap(portsOf), ...(pin === undefined ? [] : [pin])]
  const wish = { ...wishOf(one, set), ports }
  return (held && (await lookFromHost(held, wish))) || lookThroughEngine(engine, one.id, wish)
}

/** As a session would have it; a label that cannot be meant is told when somebody enters. */
function wishOf({ name, labels }: Listed, set: Settings) {
  try {
    const { user, shell } = settled({ command: [], env: [], tty: false, stdin: true }, { name, labels }, set)
    return { user: user?.value, shell: shell?.value }
  } catch {
    return { user: set.user?.value, shell: set.shell?.value }
  }
}

async function keysOf(look: Look | undefined, mine: readonly string[] | undefined) {
  if (look?.sshd === 'none') return []
  if (!look?.authorized) return look?.authorized === undefined ? mine : (mine ?? [])
  // Only now: it is a large part of docker-bash, and most containers let nobody log in.
  const { ownKeys } = await import('../lib/keys/store')
  const own = new Map(ownKeys().map(({ name, fingerprint }) => [fingerprint, name]))
  const found = parseAuthorized(look.authorized).map(
    ({ fingerprint, key }) => own.get(fingerprint) ?? (key.comment || fingerprint),
  )
  return [...new Set([...(mine ?? []), ...found])]
}

function wayOf({ shell, sshd, held }: Look, isEnrolled: boolean, set: Settings): TransportName {
  const preferred = set.via?.value
  const canBe = { ssh: sshd !== 'none', runc: held, nsenter: held, exec: shell !== '', debug: true }
  if (preferred && preferred !== 'auto' && canBe[preferred]) return preferred
  if (isEnrolled && canBe.ssh) return 'ssh'
  if (shell === '') return 'debug'
  return held ? 'runc' : 'exec'
}

/** Lines for whoever looks at them; at a terminal they fit it. */
export function rowsOf(seen: readonly Seen[]): string {
  const columns = [
    { head: 'NAME', least: 16 },
    { head: 'ID', leaveOut: 3 },
    { head: 'IMAGE', least: 14, cut: 'start' as const },
    { head: 'STATE', least: 6 },
    { head: 'ADDRESS', leaveOut: 2 },
    { head: 'SHELL', least: 5 },
    { head: 'SSHD' },
    { head: 'KEYS', least: 4, leaveOut: 1 },
    { head: 'BY' },
  ]
  const rows = seen.map((one) => [
    ...[one.name, one.id.slice(0, 12), one.image, stateWords(one), one.address ?? '-'],
    ...[shellOf(one), sshdOf(one), one.keys ? one.keys.join(' ') || '-' : '?', one.via ?? '-'],
  ])
  return table(columns, rows, isatty(1) ? terminalSize()?.columns : undefined)
}

function shellOf({ shell }: Seen): string {
  if (shell === undefined) return '?'
  return shell.slice(shell.lastIndexOf('/') + 1) || '-'
}

function sshdOf({ sshd, port }: Seen): string {
  const words = { listens: `:${port}`, silent: 'off', there: 'there', none: '-' }
  return sshd ? words[sshd] : '?'
}
