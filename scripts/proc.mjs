// Processes as Linux shows them in /proc.
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
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
    return { pid, ppid: Number(ppid), state, args: readArgs(pid) }
  } catch {
    return undefined
  }
}

// So much is read of a process's words: it may say that all of its memory is that (PR_SET_MM_MAP), as some of the
// tests' do.
const words = Buffer.alloc(1024 * 1024)

function readArgs(pid) {
  const file = openSync(`/proc/${pid}/cmdline`, 'r')
  try {
    let length = 0
    for (let count = -1; count !== 0; length += count)
      count = readSync(file, words, length, words.length - length, null)
    return words.toString('utf8', 0, length).split('\0').slice(0, -1)
  } finally {
    closeSync(file)
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
