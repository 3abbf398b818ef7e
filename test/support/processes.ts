/** The processes in a container, as the host sees them: nothing has to run inside, and nothing of ours is in the list. */
import { readFileSync, readlinkSync } from 'node:fs'
import { type HostProcess, processes } from '../../scripts/proc.mjs'
import { type Docker, docker } from './docker-api'
import { until } from './until'

export interface InsideProcess extends HostProcess {
  /** Its number in the container's own PID namespace. */
  insidePid: number
  /** The arguments, with spaces between. */
  line: string
}

/** All that live in the container's PID namespace, however they came there; zombies are left out. */
export async function processesOf(id: string, api: Docker = docker()): Promise<InsideProcess[]> {
  const { State } = await api.inspect(id)
  const space = State.Pid > 0 ? pidSpace(State.Pid) : undefined
  if (space === undefined) return []
  return processes()
    .filter(({ pid, state }) => state !== 'Z' && state !== 'X' && pidSpace(pid) === space)
    .map((found) => ({ ...found, insidePid: insidePid(found.pid), line: found.args.join(' ') }))
}

/** Resolves with the first process whose command line matches. */
export function waitForProcess(id: string, line: RegExp, timeoutMs = 5_000, api?: Docker): Promise<InsideProcess> {
  return until(
    async () => (await processesOf(id, api)).find((found) => line.test(found.line)),
    timeoutMs,
    () => list(id, line, api),
  )
}

/** Resolves with the milliseconds it took until no process's command line matches any more. */
export async function waitGone(id: string, line: RegExp, timeoutMs = 2_000, api?: Docker): Promise<number> {
  const from = Date.now()
  const gone = async () => !(await processesOf(id, api)).some((found) => line.test(found.line))
  await until(gone, timeoutMs, () => list(id, line, api))
  return Date.now() - from
}

async function list(id: string, line: RegExp, api?: Docker): Promise<string> {
  const lines = (await processesOf(id, api)).map(({ pid, insidePid, line }) => `${pid} (${insidePid}) ${line}`)
  return [`${line}; in the container run`, ...lines].join('\n')
}

function pidSpace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`)
  } catch {
    return undefined
  }
}

function insidePid(pid: number): number {
  try {
    const numbers = /^NSpid:(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
    return Number(numbers.trim().split(/\s+/).at(-1))
  } catch {
    return 0
  }
}
