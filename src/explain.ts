import type { Target, Verdict } from './lib/model'
import type { judgeAll } from './lib/plan'
import { safe } from './lib/terminal/safe'
import { since } from './lib/terminal/time'

/** A plan as a decision to read from top to bottom. */
export function explain({ target, verdicts, transport }: ReturnType<typeof judgeAll>): string {
  const chosen = verdicts.find((verdict) => verdict.transport === transport)
  const lines = [
    facts(target),
    `  ${target.user ? `user ${target.user}` : 'root'}; shell ${target.shells?.[0] ?? 'none'}`,
    '',
    ...verdicts.map((verdict) => row(verdict, verdict === chosen)),
    '',
  ]
  if (chosen) lines.push(`  costs of ${chosen.transport}: ${chosen.costs.join('; ') || 'none'}`)
  else lines.push('  no way in fits')
  return `${lines.map(safe).join('\n')}\n`
}

function facts({ name, id, image, state, startedAt, addresses }: Target): string {
  const up = state === 'running' && startedAt ? `up ${since(Date.parse(startedAt))}` : state
  const where = addresses.map(({ network, ipv4, ipv6 }) => `${ipv4 ?? ipv6 ?? 'no address'} (${network})`)
  return [name, id.slice(0, 12), image, up, ...where].join('  ')
}

function row({ transport, fits, because, remedy }: Verdict, chosen: boolean): string {
  const mark = fits ? '✓' : '✗'
  return `  ${mark} ${transport.padEnd(8)} ${chosen ? 'chosen: ' : ''}${because}${remedy ? `: ${remedy}` : ''}`
}
