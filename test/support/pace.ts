/**
 * Limits are those of a quiet machine, where a bare Node starts within 45 ms. One that is slower, or busy, takes longer
 * for everything: by how much is asked when a limit is reached, and only then.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const quiet = 45

/** How much longer things take here and now; at least 1. */
export async function slowness(): Promise<number> {
  const from = performance.now()
  await promisify(execFile)(process.execPath, ['-e', '0'])
  return Math.max(1, (performance.now() - from) / quiet)
}

/** Calls `late` once a quiet machine would have been through so many milliseconds; the result calls it off. */
export function deadline(quietMs: number, late: () => void): () => void {
  const from = performance.now()
  let off = false
  let timer: NodeJS.Timeout
  const look = async () => {
    const left = quietMs * (await slowness()) - (performance.now() - from)
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
