/**
 * Pipes as a shell makes them. Node gives its children sockets, and those are not the same: bash takes a socket on
 * stdin for rshd and reads ~/.bashrc, /dev/stdout of one cannot be opened, and it holds more.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Pipe {
  /** The end for the child, to be closed here once it has started. */
  readonly theirs: number
  readonly ours: Socket
}

/** One pipe for each of these: `in` is read by the child, `out` is written by it. */
export function makePipes(directions: ReadonlyArray<'in' | 'out'>): Pipe[] {
  const folder = mkdtempSync(join(tmpdir(), 'docker-bash-pipes-'))
  try {
    const paths = directions.map((_, i) => join(folder, String(i)))
    const { status, stderr } = spawnSync('mkfifo', paths, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`mkfifo: ${stderr}`)
    return directions.map((direction, i) => openPipe(paths[i] ?? '', direction))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openPipe(path: string, direction: 'in' | 'out'): Pipe {
  const { O_RDONLY, O_RDWR, O_WRONLY } = constants
  // Opening one end waits for the other, unless somebody holds both.
  const both = openSync(path, O_RDWR)
  const theirs = openSync(path, direction === 'in' ? O_RDONLY : O_WRONLY)
  const fd = openSync(path, direction === 'in' ? O_WRONLY : O_RDONLY)
  closeSync(both)
  return { theirs, ours: new Socket({ fd, readable: direction === 'out', writable: direction === 'in' }) }
}
