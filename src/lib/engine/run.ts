import { DockerBashError } from '../errors'
import type { Engine } from './engine'
import { createExec, inspectExec, startExec } from './exec'
import { cutOff, frames } from './frames'
import { NoAnswer } from './http1'

export interface Ran {
  /** 128 + n for a signal; undefined when the engine does not know. */
  readonly code: number | undefined
  readonly stdout: Buffer
  readonly stderr: string
  /** It printed more than the limit; what is above it is not here. */
  readonly cut: boolean
}

export interface RunInsideOptions {
  /** As in `docker exec -u`; default: root, whatever the image's user is. */
  readonly user?: string
  readonly input?: Buffer
  readonly timeoutMs?: number
  /** Bytes of output that are kept. */
  readonly limit?: number
}

/**
 * Runs a short program inside to its end. What it prints is the container's word and bounded, as is its time.
 * @throws DockerBashError when it does not end in time; the engine's refusal as it is
 */
export async function runInside(
  engine: Engine,
  container: string,
  command: readonly string[],
  { user = '0', input, timeoutMs = 10_000, limit = 1024 * 1024 }: RunInsideOptions = {},
): Promise<Ran> {
  const id = await createExec(engine, container, { command, user, workdir: '/', stdin: input !== undefined })
  const connection = await startExec(engine, id, false)
  const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  let size = 0
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => {
      connection.destroy()
      reject(
        new DockerBashError(`nothing came back from the container in ${timeoutMs / 1000} s`, {
          hint: 'it may be out of memory, paused or very busy: docker stats shows',
        }),
      )
    }, timeoutMs)
    const finish = (error?: Error) => {
      clearTimeout(late)
      if (error) reject(error)
      else resolve()
    }
    const split = frames((source, bytes) => {
      size += bytes.length
      if (size <= limit) kept[source].push(bytes)
    })
    connection.on('data', (chunk: Buffer) => {
      try {
        split(chunk)
      } catch (error) {
        connection.destroy(error instanceof Error ? error : undefined)
      }
    })
    connection.once('error', finish)
    connection.once('end', () => finish(split.isWhole() ? undefined : new NoAnswer(cutOff)))
    connection.once('close', () => finish(new NoAnswer('the engine hung up before the answer was whole')))
    connection.end(input)
  })
  const stderr = Buffer.concat(kept.stderr).toString()
  return { code: await codeOf(engine, id), stdout: Buffer.concat(kept.stdout), stderr, cut: size > limit }
}

/** The engine ends the stream a moment before it notes the code. */
async function codeOf(engine: Engine, exec: string): Promise<number | undefined> {
  for (let wait = 2; wait < 1000; wait *= 2) {
    const { running, code } = await inspectExec(engine, exec)
    if (!running) return code
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
  return undefined
}
