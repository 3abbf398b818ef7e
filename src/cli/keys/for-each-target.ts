import * as Flags from '@oclif/core/flags'
import { monotonic } from '../../lib/clock'
import type { Engine } from '../../lib/engine/engine'
import { DockerBashError } from '../../lib/errors'
import { parseTarget } from '../../lib/target/parse'
import { requireRunning } from '../../lib/target/state'
import type { Found } from '../../lib/target/types'
import { safe } from '../../lib/text/escape-controls'
import { inTurns } from '../../lib/text/map-concurrent'
import { type Chosen, chosenTarget, findOn, unasked } from '../find-target'
import { engineFlags, jsonFlag } from '../flags'
import { report } from '../output/errors'
import { print, printJson } from '../output/print'
import { Live } from '../output/progress-lines'
import type { Typed } from '../prompt/interactive'

export const keyFlags = { ...jsonFlag, ...engineFlags }

export const userFlag = {
  user: Flags.string({ char: 'u', helpValue: 'NAME', description: 'who logs in; default: as a session would' }),
}

export const forceFlag = {
  force: Flags.boolean({ description: 'write although the file is a link or lies in a mount' }),
}

/** The container that a word means, running, and the engine that has it. */
export async function runningTarget(asked: Engine, word: string, typed?: Typed): Promise<Found> {
  const found = await findOn(asked, parseTarget(word), typed)
  requireRunning(found.target)
  return found
}

export interface Work {
  /** What the user typed, or a container's ID. */
  readonly words: readonly string[]
  /** `rotated`: for the count at the end. */
  readonly verb: string
  /** The command to type again for one that failed. */
  readonly again: string
  readonly json: boolean
  readonly act: (found: Found, doing: (text: string) => void) => Promise<readonly string[]>
}

interface Outcome {
  readonly name: string
  readonly id?: string
  readonly ok: boolean
  readonly did: readonly string[]
  readonly error?: string
  readonly hint?: string
}

/**
 * Does something to several containers at once, a line each; one's failure stops no other. A single
 * one's failure comes with its own hint.
 * @returns the exit code: 125 when any failed
 */
export async function toEach(engine: Engine, { words, verb, again, json, act }: Work): Promise<number> {
  const several = [...new Set(words)]
  const [word] = several
  if (word === undefined) throw new DockerBashError('no TARGET', { hint: 'docker-bash ls shows what runs' })
  // Asked before the lines begin; of many words none is asked about.
  const chosen = several.length === 1 ? [await chosenTarget(engine, word)] : several.map((one) => unasked(engine, one))
  const live = json ? undefined : new Live(chosen.map(({ name }) => name))
  const outcomes = await inTurns(chosen, 8, (target) => one(target, act, live))
  await live?.written()
  if (json) await printJson(outcomes)
  const failed = outcomes.filter(({ ok }) => !ok)
  if (failed.length === 0) return 0
  const [first] = failed
  if (outcomes.length === 1 && first) {
    return report(new DockerBashError(`${first.error}`, first.hint === undefined ? {} : { hint: first.hint }))
  }
  const list = failed.map(({ name }) => safe(name)).join(' ')
  if (!json) await print(`${outcomes.length - failed.length} ${verb}, ${failed.length} not: ${again} ${list}\n`)
  return 125
}

async function one({ name, found: find }: Chosen, act: Work['act'], live: Live | undefined): Promise<Outcome> {
  const from = monotonic()
  try {
    const found = await find()
    requireRunning(found.target)
    const did = await act(found, (text) => live?.doing(name, text))
    live?.done({ name, ok: true, text: did.join(', '), seconds: (monotonic() - from) / 1000 })
    return { name, id: found.target.id, ok: true, did }
  } catch (error) {
    if (!(error instanceof DockerBashError)) throw error
    live?.done({ name, ok: false, text: error.message, seconds: 0 })
    return { name, ok: false, did: [], error: error.message, ...(error.hint && { hint: error.hint }) }
  }
}
