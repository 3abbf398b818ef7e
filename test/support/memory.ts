/** How much memory a child held at most. */
import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Watches until it ends; the result tells the kernel's own high-water mark of its resident memory, in KiB. The kernel
 * keeps it for as long as the process lives, so asking now and then misses only what it took in its last moments.
 */
export function watchMemory(child: ChildProcess): () => number {
  let highest = 0
  const timer = setInterval(() => {
    highest = Math.max(highest, highWater(child.pid ?? 0))
  }, 20)
  child.once('exit', () => clearInterval(timer)).once('error', () => clearInterval(timer))
  return () => highest
}

function highWater(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}
