/** For what sends no event: asks again and again until it is so, within a bound. */
import { setTimeout as wait } from 'node:timers/promises'

/** Resolves with the first answer that is neither `undefined` nor `false`. `failed` tells the state when time is up. */
export async function until<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs: number,
  failed: () => string | Promise<string>,
): Promise<T> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${await failed()}`)
    await wait(20)
  }
}
