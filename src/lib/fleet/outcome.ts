import { DockerBashError } from '../errors'
import type { Ending } from '../model'
import { exitCodeOf } from '../session/ending'
import { explainSystem } from '../system-errors'
import { inColumns } from '../terminal/table'
import { safe } from '../text/escape-controls'

/** timeout(1)'s own. */
export const timedOutCode = 124

/** How it went in one container. */
export interface Outcome {
  readonly code: number
  /** In words, when the code alone does not say it. */
  readonly why?: string
  /** Whether the command was begun. */
  readonly begun: boolean
  readonly seconds: number
}

export function outcomeOf(ending: Ending, seconds: number): Outcome {
  const why = 'lost' in ending ? `lost: ${ending.lost}` : 'signal' in ending ? `ended by ${ending.signal}` : undefined
  return { code: exitCodeOf(ending), begun: true, seconds, ...(why !== undefined && { why }) }
}

/** @throws what is not an error of ours, nor of this host's */
export function failureOf(error: unknown, seconds: number): Outcome {
  const known = error instanceof DockerBashError ? error : explainSystem(error)
  if (!known) throw error
  return { code: known.code, why: known.message, begun: false, seconds }
}

/**
 * What a fleet ends with: 0 only if every one ended with 0, else the code of the first that did not, in the order of
 * the selection (in time it would be another one at each run).
 */
export function exitCodeOfAll(outcomes: readonly Outcome[]): number {
  return outcomes.find(({ code }) => code !== 0)?.code ?? 0
}

export interface Named {
  readonly name: string
  readonly outcome: Outcome
}

/** The last words: how many ended with 0, and which did not, at most `most` of them by name. */
export function summaryOf(all: readonly Named[], most = 20): string[] {
  const failed = all.filter(({ outcome }) => outcome.code !== 0)
  const good = all.length - failed.length
  const head = `${good} of ${all.length} ended with 0`
  if (failed.length === 0) return [head]
  const shown = failed.slice(0, most)
  const rows = shown.map(({ name, outcome: { code, why = '' } }) => [name, String(code).padStart(3), why].map(safe))
  const lines = inColumns(rows).map((line) => `  ${line}`)
  if (failed.length > most) lines.push(`  and ${failed.length - most} more`)
  return [`${head}, ${failed.length} did not:`, ...lines]
}
