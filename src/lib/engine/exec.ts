import type { Duplex } from 'node:stream'
import type { ExecInspectInfo } from 'dockerode'
import { client } from './client'
import { type Engine, supports } from './engine'

/** What an exec is made of; the engine knows it by its ID from then on. */
export interface ExecConfig {
  readonly command: readonly string[]
  readonly user?: string | undefined
  readonly workdir?: string | undefined
  /** Each `K=V`, added to the container's own. */
  readonly env?: readonly string[]
  readonly tty?: boolean
  readonly stdin?: boolean
  readonly size?: Size | undefined
  readonly detachKeys?: string | undefined
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

export interface ExecState {
  readonly running: boolean
  /** Absent while it runs. */
  readonly code?: number
  /** As the engine sees it; 0 when it never started. */
  readonly pid: number
}

/**
 * Makes an exec in a container; nothing runs yet.
 * @param container its full ID
 * @returns the exec's ID
 * @throws the engine's refusal: 404 no such container, 409 it does not run or is paused
 */
export async function createExec(
  engine: Engine,
  container: string,
  config: ExecConfig,
  abort?: AbortSignal,
): Promise<string> {
  const body = {
    Cmd: config.command,
    AttachStdin: config.stdin ?? false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: config.tty ?? false,
    Env: config.env ?? [],
    ...(config.user && { User: config.user }),
    ...(config.workdir && { WorkingDir: config.workdir }),
    ...(config.detachKeys && { DetachKeys: config.detachKeys }),
    ...consoleSize(engine, config.size),
  }
  const made = await engine[client].ask({ method: 'POST', path: `/containers/${container}/exec`, body, abort })
  return (made as { Id: string }).Id
}

/**
 * Starts an exec and hands over its raw connection: framed output without a terminal, bare bytes with one. Ending the
 * writable side closes the process's stdin; the readable side ends with the process's output.
 */
export function startExec(engine: Engine, id: string, tty: boolean, size?: Size, abort?: AbortSignal): Promise<Duplex> {
  const body = { Detach: false, Tty: tty, ...consoleSize(engine, size) }
  return engine[client].hijack({ method: 'POST', path: `/exec/${id}/start`, body, abort })
}

/** @param abort gives the question up */
export async function inspectExec(engine: Engine, id: string, abort?: AbortSignal): Promise<ExecState> {
  const answer = await engine[client].ask({ method: 'GET', path: `/exec/${id}/json`, abort, quiet: true })
  const { Running, ExitCode, Pid } = answer as ExecInspectInfo
  return { running: Running, pid: Pid, ...(typeof ExitCode === 'number' && !Running && { code: ExitCode }) }
}

export async function resizeExec(engine: Engine, id: string, { columns, rows }: Size): Promise<void> {
  await engine[client].ask({ method: 'POST', path: `/exec/${id}/resize?h=${rows}&w=${columns}`, quiet: true })
}

/** Since API 1.42 an exec can be born with its size; before, it has to be resized after the start. */
function consoleSize(engine: Engine, size: Size | undefined) {
  return size && supports(engine, 42) ? { ConsoleSize: [size.rows, size.columns] as [number, number] } : {}
}
