import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { mayGoInside } from './inheritable-stdio'
import { O_PATH } from './o-path'
import { type ProcessStat, readProc, readStat } from './proc'

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
/** The part of the flags that says how it was opened. */
const accessMode = 3
/** A process for ever: its number alone may become another one's. */
type Named = Pick<ProcessStat, 'pid' | 'start'>

/** A barrier has no more. */
const most = 32

/**
 * Holds the pipes that a process reads from open: whoever writes into them is not told when that process has had enough.
 * @returns the function that lets go
 */
export function holdPipes(of: Named): () => void {
  const held = openPipes(of, O_RDONLY)
  return () => {
    for (const fd of held) closeSync(fd)
  }
}

/**
 * The end to write into of the one pipe that a process reads from, whoever else has it too.
 * @returns undefined where there is no such pipe, or more than one
 */
export function inputOf(of: Named): Writable | undefined {
  const [fd, ...others] = openPipes(of, O_WRONLY)
  if (fd !== undefined && others.length === 0) return socketOf(fd, { readable: false, writable: true })
  for (const each of [fd ?? [], others].flat()) closeSync(each)
  return undefined
}

/**
 * The end to read from of a pipe that a process writes into by this descriptor.
 * @returns undefined where that is no pipe
 */
export function outputOf(of: Named, descriptor: number): Readable | undefined {
  const fd = openPipe(of, descriptor, O_WRONLY, O_RDONLY)
  return fd === undefined ? undefined : socketOf(fd, { readable: true, writable: false })
}

/** Its end is no failure of ours: whoever reads or writes hears of it by 'close'. */
function socketOf(fd: number, how: { readable: boolean; writable: boolean }): Socket {
  return new Socket({ fd, ...how }).on('error', () => undefined)
}

/** Every one that it reads from: a shell that waits at a `read <&3` keeps its own input at another number meanwhile. */
function openPipes(of: Named, way: number): number[] {
  const pipes = new Map<number, number>()
  for (const number of numbersOf(of.pid)) {
    const fd = openPipe(of, number, O_RDONLY, way)
    if (fd === undefined) continue
    const { ino } = fstatSync(fd)
    if (pipes.has(ino)) closeSync(fd)
    else pipes.set(ino, fd)
  }
  return [...pipes.values()]
}

function numbersOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).slice(0, most).map(Number)
  } catch {
    // It ended meanwhile.
    return []
  }
}

/** @param its the way in which the process has it open */
function openPipe({ pid, start }: Named, number: number, its: number, way: number): number | undefined {
  const flags = /^flags:\s+([0-7]+)$/m.exec(readProc(pid, `fdinfo/${number}`) ?? '')?.[1]
  if (flags === undefined || (Number.parseInt(flags, 8) & accessMode) !== its) return undefined
  let name: number | undefined
  try {
    name = openSync(`/proc/${pid}/fd/${number}`, O_PATH)
    // Its number may be another one's by now, and what is held then is, too.
    const isIts = mayGoInside(name) && readStat(pid)?.start === start
    return isIts ? openSync(`/proc/self/fd/${name}`, way | O_NONBLOCK) : undefined
  } catch {
    return undefined
  } finally {
    if (name !== undefined) closeSync(name)
  }
}
