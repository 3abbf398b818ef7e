// Processes as Linux shows them in /proc.
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** Every process: `{ pid, ppid, state, args }`. One that ends while we look is left out. */
export function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((found) => found !== undefined)
}

export function readProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may itself hold spaces and parentheses.
    const [state, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
    return { pid, ppid: Number(ppid), state, args }
  } catch {
    return undefined
  }
}

/** Gone, or dead and only not yet waited for. */
export function ended(pid) {
  const found = readProcess(pid)
  return found === undefined || found.state === 'Z' || found.state === 'X'
}

/** Sends a signal (0: none) and waits for the end, `timeoutMs` at most. Whether it ended. */
export async function endProcess(pid, signal, timeoutMs) {
  try {
    process.kill(pid, signal)
  } catch {
    return true
  }
  const end = Date.now() + timeoutMs
  while (!ended(pid)) {
    if (Date.now() > end) return false
    await wait(20)
  }
  return true
}
