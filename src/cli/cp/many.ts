import type { CopyWords } from '../../lib/copy/words'
import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { isGlob } from '../../lib/fleet/glob'
import { type Member, select } from '../../lib/fleet/select'
import { here } from '../../lib/target/compose'
import { parseTarget } from '../../lib/target/parse'
import { reachEngine } from '../engine'
import { report, say } from '../output/errors'

/**
 * The containers that a destination's selector means, by the rules of `run`; undefined for one that means a single
 * container.
 * @throws DockerBashError for a selector that nothing running fits
 */
export async function manyOf(
  { sources, to }: CopyWords,
  flags: EndpointChoice,
): Promise<readonly Member[] | undefined> {
  if (to.kind !== 'inside') return undefined
  const ref = parseTarget(to.target)
  const isMany =
    ref.kind === 'label' ||
    ref.kind === 'image' ||
    (ref.kind === 'service' && ref.number === undefined) ||
    ('text' in ref && isGlob(ref.text))
  if (!isMany) return undefined
  const engine = await reachEngine(flags)
  try {
    const { members, leftOut } = await select(engine, [to.target], { around: here() })
    if (members.length > 1 && sources.some(({ kind }) => kind === 'stream')) {
      throw new DockerBashError(`${to.target} means ${members.length} containers, and a stream is read once`, {
        hint: 'unpack it here and copy the folder',
      })
    }
    for (const { name, state } of leftOut) say(`${name} was left out: it is ${state}`)
    return members
  } finally {
    engine.close()
  }
}

/**
 * The same copy into each, one after the other; what goes wrong with one is said, and the others are gone on with.
 * @returns 0, or 1 when one or more failed, or all of it did
 */
export async function intoEach(
  members: readonly Member[],
  { sources, to }: CopyWords,
  copy: (words: CopyWords) => Promise<number>,
): Promise<number> {
  if (to.kind !== 'inside') return copy({ sources, to })
  let failed = 0
  for (const { id, name } of members) {
    const word = `${name}:${to.word.slice(to.target.length + 1)}`
    try {
      const code = await copy({ sources, to: { ...to, target: `id:${id}`, word } })
      // A signal's.
      if (code > 125) return code
      if (code !== 0) failed++
    } catch (error) {
      if (members.length === 1) throw error
      failed++
      report(error)
    }
  }
  if (failed > 0 && members.length > 1) say(`${failed} of ${members.length} containers did not get all`)
  return failed > 0 ? 1 : 0
}
