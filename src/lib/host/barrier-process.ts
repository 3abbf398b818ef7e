import { childrenOf, type ProcessStat, readArgs, readStat, supervisorOf } from './proc'

/**
 * The process on this host that waits at a barrier: known by the barrier's tag, which nobody else can have in its words.
 * @param held the first process of its container, whose supervisor is also the parent of what the engine starts later
 */
export function barrierBeside(held: number, tag: string): ProcessStat | undefined {
  const supervisor = supervisorOf(held)
  if (supervisor === undefined) return undefined
  for (const child of childrenOf(supervisor) ?? []) {
    const barrier = barrierAt(child, tag)
    if (barrier) return barrier
  }
  return undefined
}

/** The same by a number that somebody else has told. */
export function barrierAt(pid: number, tag: string): ProcessStat | undefined {
  return pid > 0 && readArgs(pid).includes(tag) ? readStat(pid) : undefined
}
