import { copyWays } from '../../lib/copy/ways'
import { forwardWays } from '../../lib/forward/ways'
import { withRuntime } from '../../lib/target/runtime'
import type { Found } from '../../lib/target/types'
import { safe } from '../../lib/text/escape-controls'
import { copyFacts } from '../cp/ends'
import { heldOf } from '../forward/inside'
import { print, printJson } from '../output/print'

interface Way {
  readonly name: string
  readonly fits: boolean
  readonly because: string
  readonly carries?: string
  readonly costs: readonly string[]
}

/** Prints the ways of `cp` or `forward` to a container: which is taken, why, and what each costs. */
export async function explainOther({ target }: Found, { cp, json }: { cp: boolean; json: boolean }): Promise<void> {
  const ways = cp ? copyWays(copyFacts(withRuntime(target))) : await waysOfForward(target)
  const chosen = ways.find(({ fits }) => fits)
  const { name, id } = target
  if (json) {
    await printJson({ target: { name, id }, what: cp ? 'cp' : 'forward', ways, chosen: chosen?.name })
    return
  }
  const lines = [`${name}  ${id.slice(0, 12)}  ${cp ? 'its files by cp' : 'its ports by forward'}`]
  for (const way of ways) lines.push(...shown(way, way === chosen))
  await print(`${lines.map(safe).join('\n')}\n`)
}

/** @throws DockerBashError for a container that does not run */
async function waysOfForward(target: Found['target']) {
  const held = heldOf(target)
  const { hasPerl } = await import('../../lib/toolbox/perl')
  return forwardWays(typeof held === 'string' ? held : undefined, hasPerl())
}

function shown({ name, fits, because, carries, costs }: Way, isChosen: boolean): string[] {
  const why = isChosen ? `chosen: ${because}` : fits ? `not needed: it is for ${because}` : because
  return [
    `  ${isChosen ? '✓' : fits ? '·' : '✗'} ${name.padEnd(22)} ${why}`,
    ...(carries ? [`      carries ${carries}`] : []),
    `      costs: ${costs.join('; ')}`,
  ]
}
