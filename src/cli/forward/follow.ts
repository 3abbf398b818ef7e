import { setTimeout as wait } from 'node:timers/promises'
import { type Making, type Open, openForward } from './open'

/** How long (ms) until it is asked whether the container runs again, and at most, as a long wait is no work for the engine. */
const firstMs = 300
const mostMs = 2000

/**
 * Goes on with the container that runs next, each time that one has ended.
 * @param all what listens; what listens inside is opened anew
 * @returns once `abort` is aborted
 */
export async function follow(all: Open[], making: Making, abort: AbortSignal): Promise<void> {
  const { inside, teller, reverse } = making
  const stopped = new Promise<void>((settle) => abort.addEventListener('abort', () => settle(), { once: true }))
  while (!abort.aborted) {
    await Promise.race([stopped, inside.over])
    if (abort.aborted) return
    teller.changed('lost', `${inside.name} has ended; waiting until it runs again`)
    for (const one of all) one.forget?.()
    for (let pause = firstMs; !(await runsAgain(all, making, reverse)); pause = Math.min(pause * 1.3, mostMs)) {
      await wait(pause, undefined, { signal: abort }).catch(() => undefined)
      if (abort.aborted) return
    }
    for (const one of all) one.back?.()
    teller.changed('back', `${inside.name} runs again`)
  }
}

async function runsAgain(all: Open[], making: Making, reverse: boolean): Promise<boolean> {
  try {
    await making.inside.again()
    if (!reverse) return true
    for (const [at, { forward, close }] of all.entries()) {
      close()
      all[at] = await openForward(forward, making)
    }
    return true
  } catch {
    // Not yet, or not any more: it is asked again.
    return false
  }
}
