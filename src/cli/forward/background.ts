import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { DockerBashError } from '../../lib/errors'
import { safeJson } from '../../lib/text/escape-controls'
import { untilSignal } from '../abort-on-signal'
import { say } from '../output/errors'
import { print } from '../output/print'
import { packaged } from '../package-path'

/**
 * Runs the same command apart from this terminal, and leaves it there once all of it listens.
 * @param words of the command line, without -f
 * @param count how many lines it prints when all of it listens
 * @returns its exit code when it ends before that
 */
export async function background(words: readonly string[], count: number, json: boolean): Promise<number> {
  const env = { ...process.env }
  // What Docker's client says to a plugin of its own; the words are ours by now.
  for (const name of Object.keys(env)) if (name.startsWith('DOCKER_CLI_PLUGIN_')) delete env[name]
  const program = packaged('bin/run.js')
  const child = spawn(process.execPath, ['--', program, 'forward', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env,
  })
  const errors: string[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(String(chunk)))
  const ended = new Promise<number>((settle, reject) => {
    child.once('error', reject)
    child.once('close', (code) => settle(code ?? 255))
  })
  let isReady = false
  let its = 0
  let code = 0
  try {
    const signal = await untilSignal(async (abort) => {
      const stopped = new Promise<never>((_, reject) => {
        abort.addEventListener('abort', () => reject(abort.reason), { once: true })
      })
      const begun = listening(child.stdout, count).then(() => (isReady = true))
      await Promise.race([begun, ended.then((known) => (its = known)), stopped])
    })
    code = signal || its
    if (isReady) {
      if (json) await print(`${safeJson({ event: 'background', pid: child.pid })}\n`)
      else say(`in the background as PID ${child.pid}; to end it: kill ${child.pid}`)
    }
  } catch (error) {
    isReady = false
    throw error
  } finally {
    if (!isReady && child.exitCode === null) {
      child.kill('SIGTERM')
      await ended
    }
    // Its own words, escaped by itself.
    if (errors.length > 0) await print(errors.join(''), 2)
    child.stdout.destroy()
    child.stderr.destroy()
    child.unref()
  }
  return isReady ? 0 : code
}

/** Hands its lines on until all have come. @throws DockerBashError when they cannot be printed */
async function listening(stdout: NodeJS.ReadableStream, count: number): Promise<void> {
  let left = count
  for await (const line of createInterface({ input: stdout })) {
    await print(`${line}\n`).catch((cause: unknown) => {
      throw new DockerBashError('stdout cannot be written', { hint: '> /dev/null does without', cause })
    })
    if (--left === 0) return
  }
  // It ended before: its exit code says why.
  await new Promise(() => undefined)
}
