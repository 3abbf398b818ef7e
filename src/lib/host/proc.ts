import { readdirSync, readFileSync } from 'node:fs'
import { readBoundedText } from '../files/bounded'

/** What /proc/PID/stat tells; numbers are the host's. */
export interface ProcessStat {
  readonly pid: number
  readonly name: string
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  /** The terminal's foreground process group; -1 without a terminal. */
  readonly foreground: number
  /** It runs a program of its own: it is not, or not any more, a mere copy of the process that started it. */
  readonly hasOwnProgram: boolean
  /** Clock ticks since boot: with the PID it names one process for ever. */
  readonly start: number
}

/** PF_FORKNOEXEC, among the flags in /proc/PID/stat: no exec since the fork. The process cannot say otherwise. */
const forkedOnly = 0x40

/** What has started a container's first process, and starts what an engine's exec runs in it. */
export function supervisorOf(first: number): number | undefined {
  return readStat(first)?.parent
}

/** @returns undefined when there is no such process */
export function readStat(pid: number): ProcessStat | undefined {
  const line = readProc(pid, 'stat')
  if (line === undefined) return undefined
  // The name in parentheses may itself hold spaces and parentheses.
  const open = line.indexOf('(')
  const close = line.lastIndexOf(')')
  const fields = line.slice(close + 2).split(' ')
  const number = (index: number) => Number(fields[index])
  return {
    pid,
    name: line.slice(open + 1, close),
    state: fields[0] ?? '',
    parent: number(1),
    group: number(2),
    session: number(3),
    foreground: number(5),
    hasOwnProgram: (number(6) & forkedOnly) === 0,
    start: number(19),
  }
}

/** A process's argv; empty for a zombie and for what is gone. */
export function readArgs(pid: number): string[] {
  return (readProc(pid, 'cmdline') ?? '').split('\0').slice(0, -1)
}

/** In bytes: more than the kernel takes for a new program, whose words are a quarter of its stack at most. */
const mostWords = 8 * 1024 * 1024

/** A text file of /proc/PID, or undefined when it, or the process, is not there or not ours to read. */
export function readProc(pid: number | 'self', file: string): string | undefined {
  const path = `/proc/${pid}/${file}`
  try {
    // A process says itself where its words are (PR_SET_MM_MAP), and that they are as long as all of its memory.
    const isItsWord = file === 'cmdline' || file === 'environ'
    return isItsWord ? readBoundedText(path, { most: mostWords }) : readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** The processes that a process has started and not waited for; undefined where the kernel keeps no such lists. */
export function childrenOf(pid: number): number[] | undefined {
  const lists = threadsOf(pid).map((thread) => readProc(pid, `task/${thread}/children`))
  if (lists.every((list) => list === undefined)) return undefined
  return lists.flatMap((list) => (list ?? '').split(' ').filter(Boolean).map(Number))
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    // It ended meanwhile.
    return []
  }
}

/** Every process there is; those that end while we look are left out. */
export function allProcesses(): ProcessStat[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readStat(Number(name)) ?? []) : []))
}
