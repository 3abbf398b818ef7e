import { linkSync, rmSync } from 'node:fs'
import { monotonic } from '../clock'
import { DockerBashError, errno } from '../errors'
import { readBounded } from '../files/bounded'
import { createPrivate, pathIn, readOwn } from '../files/data-files'

/** How long another one of us is waited for: it logs in a few times. */
const waitMs = 60_000

/**
 * Does something to a container's keys, or to our own, while nobody else of this user does; waits for its turn.
 * @param name as the user knows it, for the message
 * @throws DockerBashError when another one does not end
 */
export async function locked<T>(id: string, name: string, work: () => Promise<T>): Promise<T> {
  const deadline = monotonic() + waitMs
  let unlock: (() => void) | undefined
  while (!unlock) {
    try {
      unlock = lock(id, name)
    } catch (error) {
      if (!(error instanceof Held) || monotonic() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  try {
    return await work()
  } finally {
    unlock()
  }
}

class Held extends DockerBashError {}

/**
 * One change of a container at a time: a file that names its process and that process's start, so that the lock of
 * one who was killed is void even if the number is another's by now.
 * @returns what opens it again
 * @throws DockerBashError while another one holds it
 */
export function lock(id: string, name: string): () => void {
  const path = pathIn('journal', `${id}.lock`)
  const own = `${process.pid} ${startOf(process.pid)}`
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      put(path, own)
      return () => {
        if (readOwn(path) === own) rmSync(path, { force: true })
      }
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw error
      const holder = readOwn(path)
      if (holder === undefined) continue
      const [pid = '', start = ''] = holder.split(' ')
      if (isAlive(Number(pid)) && startOf(Number(pid)) === start) {
        throw new Held(`${name} is being changed by another docker-bash (process ${pid})`, {
          hint: 'wait until it has ended, then run this again',
        })
      }
      if (readOwn(path) === holder) rmSync(path, { force: true })
    }
  }
  throw new Held(`${name} is being changed by another docker-bash`, {
    hint: 'wait until it has ended, then run this again',
  })
}

/** With its words in it from the start: one that is still empty would look like a dead one's. */
function put(path: string, own: string): void {
  const partial = `${path}.${process.pid}.${monotonic()}`
  createPrivate(partial, own)
  try {
    linkSync(partial, path)
  } finally {
    rmSync(partial, { force: true })
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errno(error) === 'EPERM'
  }
}

/** In clock ticks since boot; empty where there is no /proc, and then the number alone has to do. */
function startOf(pid: number): string {
  try {
    const stat = readBounded(`/proc/${pid}/stat`, { most: 4096 }).toString('latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}
