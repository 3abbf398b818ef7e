import { closeSync, constants, openSync, readdirSync } from 'node:fs'
import { mayGoInside } from './inheritable-stdio'
import { O_PATH } from './o-path'
import { readProc } from './proc'

const { O_NONBLOCK, O_RDONLY } = constants
/** The part of the flags that says how it was opened. */
const accessMode = 3
/** A barrier has no more. */
const most = 32

/**
 * Holds the pipes that a process reads from open: whoever writes into them is not told when that process has had enough.
 * All of them, because a shell that waits at a `read <&3` keeps its own input at another number meanwhile.
 * @returns the function that lets go
 */
export function holdPipes(pid: number): () => void {
  const held = numbersOf(pid).flatMap((fd) => hold(pid, fd) ?? [])
  return () => {
    for (const fd of held) closeSync(fd)
  }
}

function numbersOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).slice(0, most).map(Number)
  } catch {
    // It ended meanwhile.
    return []
  }
}

function hold(pid: number, fd: number): number | undefined {
  const flags = /^flags:\s+([0-7]+)$/m.exec(readProc(pid, `fdinfo/${fd}`) ?? '')?.[1]
  if (flags === undefined || (Number.parseInt(flags, 8) & accessMode) !== O_RDONLY) return undefined
  let name: number | undefined
  try {
    name = openSync(`/proc/${pid}/fd/${fd}`, O_PATH)
    return mayGoInside(name) ? openSync(`/proc/self/fd/${name}`, O_RDONLY | O_NONBLOCK) : undefined
  } catch {
    return undefined
  } finally {
    if (name !== undefined) closeSync(name)
  }
}
