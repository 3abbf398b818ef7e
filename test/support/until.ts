/** For what sends no event: asks again and again until it is so, within a bound. */
import { setTimeout as wait } from 'node:timers/promises'
import { patience, slowness } from './pace'

/**
 * Resolves with the first answer that is neither `undefined` nor `false`. `failed` tells the state when time is up:
 * `quietMs`, or longer on a slow machine.
 */
export async function until<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  quietMs: number,
  failed: () => string | Promise<string>,
): Promise<T> {
  const from = Date.now()
  for (let limit = quietMs; ; ) {
    const asked = Date.now()
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    const past = Date.now() - from
    if (past > limit) {
      limit = Math.max(limit, patience * quietMs * (await slowness()))
      if (past > limit) throw new Error(`not within ${Math.round(limit)} ms: ${await failed()}`)
    }
    // Asking may be work, as for a look at every process: what is waited for gets more of the processor than we.
    await wait(Math.max(20, 2 * (Date.now() - asked)))
  }
}
