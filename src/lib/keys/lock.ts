import { rmSync } from 'node:fs'
import { DockerBashError, errno } from '../errors'
import { readBounded } from '../files/bounded'
import { createPrivate, pathIn, readOwn } from './folders'

/**
 * One rotation of a container at a time: a file that names its process and that process's start, so that the lock of
 * one who was killed is void even if the number is another's by now.
 * @returns what opens it again
 * @throws DockerBashError while another one holds it
 */
export function lock(id: string, name: string): () => void {
  const path = pathIn('journal', `${id}.lock`)
  const own = `${process.pid} ${startOf(process.pid)}`
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      createPrivate(path, own)
      return () => {
        if (readOwn(path) === own) rmSync(path, { force: true })
      }
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw error
      const holder = readOwn(path)
      if (holder === undefined) continue
      const [pid = '', start = ''] = holder.split(' ')
      if (isAlive(Number(pid)) && startOf(Number(pid)) === start) {
        throw new DockerBashError(`${name} is being changed by another docker-bash (process ${pid})`, {
          hint: 'wait until it has ended, then run this again',
        })
      }
      if (readOwn(path) === holder) rmSync(path, { force: true })
    }
  }
  throw new DockerBashError(`${name} is being changed by another docker-bash`, {
    hint: 'wait until it has ended, then run this again',
  })
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
