import type { Settled } from '../../lib/config/resolve-settings'
import type { ClientReach } from '../../lib/gateway/reach'
import { knownShells, type Target, type Verdict } from '../../lib/model'
import type { judgeAll } from '../../lib/plan'
import type { Facts, Limit } from '../../lib/target/container-facts'
import { safe } from '../../lib/text/escape-controls'
import { plural, since } from '../../lib/text/time'

/** A plan as a decision to read from top to bottom. */
export function explanation(
  { target, verdicts, transport }: ReturnType<typeof judgeAll>,
  known: Facts,
  settled: Settled,
  client: ClientReach | undefined,
  task?: string,
): string {
  const chosen = verdicts.find((verdict) => verdict.transport === transport)
  const lines = [
    facts(target),
    ...(task ? [`  ${task}`] : []),
    `  ${privilege(known)}; ${known.root} root; ${init(known)}`,
    `  shell ${knownShells(target)[0] ?? 'none'}; log driver ${known.log.driver}${limits(known)}`,
    ...decided(settled),
    ...mounts(known),
    ...past(target, known),
    '',
    ...verdicts.map((verdict) => row(verdict, verdict === chosen)),
    '',
  ]
  if (chosen) lines.push(`  costs of ${chosen.transport}: ${chosen.costs.join('; ') || 'none'}`)
  else lines.push('  no way in fits')
  lines.push(`  ssh ${target.name}.docker: ${clients(client)}`)
  return `${lines.map(safe).join('\n')}\n`
}

const sessions: Record<ClientReach['command'], string> = {
  runc: 'commands by runc, a terminal by exec',
  exec: 'sessions by exec',
  debug: 'a program of plain words as it is, the rest with tools brought along (not by a gateway)',
}

const served: Record<ClientReach['files'], string> = {
  mounts: 'files from its mounts',
  beside: 'files by a container beside it, some 0.2 s to start',
  server: 'files by an sftp-server in it, if there is one',
}

const sockets: Record<ClientReach['forwards'], string> = {
  network: 'ports and sockets from its network',
  beside: 'ports and sockets by a container beside it',
  none: 'no ports, no sockets: that takes root on the engine’s host, or a perl on this one',
}

function clients(reach: ClientReach | undefined): string {
  if (!reach) return 'not now: it does not run, or none of runc, exec and debug fits'
  const { command, files, forwards } = reach
  return [sessions[command], served[files], sockets[forwards]].join('; ')
}

/** What was said of a session by others than the command line. */
function decided(settled: Settled): string[] {
  const words = Object.entries(settled).flatMap(([key, { value, from, where }]) =>
    from === 'flag' ? [] : [`${key} ${value} (${from === 'label' ? 'its label ' : ''}${where})`],
  )
  return words.length > 0 ? [`  set: ${words.join(', ')}`] : []
}

function facts({ name, id, image, state, startedAt, addresses }: Target): string {
  const up = state === 'running' && startedAt ? `up ${since(Date.parse(startedAt))}` : state
  const where = addresses.map(({ network, ipv4, ipv6 }) => `${ipv4 ?? ipv6 ?? 'no address'} (${network})`)
  return [name, id.slice(0, 12), image, up, ...where].join('  ')
}

function row({ transport, fits, because, remedy }: Verdict, chosen: boolean): string {
  const mark = because.startsWith('not needed') ? '·' : fits ? '✓' : '✗'
  return `  ${mark} ${transport.padEnd(8)} ${chosen ? 'chosen: ' : ''}${because}${remedy ? `: ${remedy}` : ''}`
}

function privilege({ privilege: given, namespaces }: Facts): string {
  const { privileged, user, capabilities, seccomp, noNewPrivileges } = given
  const count = capabilities.length === 1 ? '1 capability' : `${capabilities.length} capabilities`
  const words = [
    `${user === 'root' ? 'root' : `user ${user}`} with ${count}`,
    ...(privileged ? ['privileged'] : []),
    seccomp ? 'seccomp' : 'no seccomp',
    ...(noNewPrivileges ? ['no new privileges'] : []),
    ['own namespaces', ...shared(namespaces)].join(' but '),
  ]
  return words.join(', ')
}

/** The namespaces that are not its own, the host's together; one text, or none. */
function shared(namespaces: Facts['namespaces']): string[] {
  const entries = Object.entries(namespaces)
  const hosts = entries.flatMap(([kind, owner]) => (owner === 'host' ? [kind] : []))
  const others = entries.flatMap(([kind, owner]) => (/^(?:own|host|unknown)$/.test(owner) ? [] : [`${kind} ${owner}`]))
  const all = [...(hosts.length > 0 ? [`the host’s ${hosts.join(' and ')}`] : []), ...others]
  return all.length > 0 ? [all.join(', ')] : []
}

function init({ init: { name, reaps } }: Facts): string {
  return reaps ? `init ${name}` : `init none (PID 1 is ${name})`
}

function limits({ limits: { memory, processes, cpus } }: Facts): string {
  const used = ({ limit, used: now }: Limit) =>
    now === undefined ? '' : ` (${Math.round((now / limit) * 100)} % used)`
  const words = [
    memory && `${Math.round(memory.limit / 1024 ** 2)} MiB${used(memory)}`,
    processes &&
      `${processes.limit === 1 ? '1 process' : `${processes.limit} processes`}${processes.used === undefined ? '' : ` (${processes.used} used)`}`,
    cpus && plural(cpus, 'CPU'),
  ].filter((word) => word !== undefined && word !== 0)
  return words.length > 0 ? `; limits ${words.join(', ')}` : '; no limits'
}

function mounts({ mounts: all }: Facts): string[] {
  if (all.length === 0) return []
  return [
    `  mounts ${all.map(({ target, source, writable }) => `${target} (${source}${writable ? '' : ', read-only'})`).join(', ')}`,
  ]
}

function past({ finishedAt, exit, state }: Target, { restarts }: Facts): string[] {
  const ended =
    finishedAt && exit
      ? [`last ended ${since(Date.parse(finishedAt))} ago with code ${exit.code}${exit.oom ? ' (out of memory)' : ''}`]
      : []
  const again = restarts > 0 ? [`restarted ${plural(restarts, 'time')}`] : []
  const words = [...(state === 'running' ? [] : ended), ...again]
  return words.length > 0 ? [`  ${words.join('; ')}`] : []
}
