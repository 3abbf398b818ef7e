/**
 * Limits are those of a quiet machine, where a bare Node starts within 45 ms. One that is slower, or busy, takes longer
 * for everything: by how much is asked when a limit is reached, and only then. A Node that happens to start in a quiet
 * moment says nothing of the minute before, which the kernel remembers (PSI).
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'

const quiet = 45

/** How much longer things take here, now and in the last minute; at least 1. */
export async function slowness(): Promise<number> {
  const from = performance.now()
  await promisify(execFile)(process.execPath, ['-e', '0'])
  return Math.max(1, (performance.now() - from) / quiet, 1 / (1 - Math.min(0.9, stalled())))
}

/** The part of the last minute, or of the last ten seconds, in which a process waited for a processor or the disk. */
function stalled(): number {
  const parts = ['cpu', 'io'].map((resource) => {
    try {
      const [some = ''] = readFileSync(`/proc/pressure/${resource}`, 'utf8').split('\n')
      return Math.max(...[...some.matchAll(/avg[16]0=([\d.]+)/g)].map(([, percent]) => Number(percent) / 100))
    } catch {
      // A kernel that does not tell.
      return 0
    }
  })
  return parts.reduce((sum, part) => sum + part, 0)
}

/**
 * By how much what is waited for may be later than on a quiet machine before it counts as stuck: with several tests at
 * once it is its turn when it is. How long a thing takes is measured where that is the claim.
 */
export const patience = 3

/** Calls `late` once a quiet machine would long have been through so many milliseconds; the result calls it off. */
export function deadline(quietMs: number, late: () => void): () => void {
  const from = performance.now()
  let off = false
  let timer: NodeJS.Timeout
  const look = async () => {
    const left = patience * quietMs * (await slowness()) - (performance.now() - from)
    if (off) return
    if (left > 0) timer = setTimeout(look, left)
    else late()
  }
  timer = setTimeout(look, quietMs)
  return () => {
    off = true
    clearTimeout(timer)
  }
}
