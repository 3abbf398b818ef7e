import { Readable, type Writable } from 'node:stream'
import { isatty } from 'node:tty'
import { DockerBashError, NotBegun } from '../../errors'
import type { ChildWithWatchdog } from '../../host/child-with-watchdog'
import { isEmpty } from '../../host/inheritable-stdio'
import type { Ending, Probed, Request, Session } from '../../model'
import { isExecFailure, isLogged } from '../shared/exec-failure'
import type { RuntimeLog } from './log'

/** The runtime as a child of ours, with our own descriptors wherever they may be handed on. */
export class RuncSession implements Session {
  stdin?: Writable
  stdout?: Readable
  readonly stderr: Readable
  readonly ended: Promise<Ending>
  readonly #running: ChildWithWatchdog
  readonly #log: RuntimeLog
  readonly #ownsTerminal = isatty(1)
  /** The signal that came before anything had begun inside. */
  #unbegun: NodeJS.Signals | undefined
  /** What the runtime said on the command's stderr, held back. */
  #held = ''
  #straight: Readable | undefined
  /** Why the kernel did not run the command; set when something was said that sounds like that. */
  #blocked: Promise<DockerBashError | undefined> | undefined

  constructor(running: ChildWithWatchdog, log: RuntimeLog, target: Probed, request: Request) {
    this.#running = running
    this.#log = log
    const { child } = running
    if (child.stdin) this.stdin = child.stdin
    if (child.stdout) this.stdout = child.stdout
    this.stderr = this.#withoutFailures(child.stderr, async () =>
      (await import('../shared/not-run')).whyBlocked(target, request),
    )
    this.ended = new Promise<Ending>((settle, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => {
        const failure = this.#failed(code) ? log.failure() : undefined
        log.close()
        if (this.#unbegun) settle({ signal: this.#unbegun })
        else if (failure !== undefined) {
          whyNotStarted(target, request, failure).then(reject, reject)
        } else if (this.#blocked)
          void this.#blocked.then((error) => (error ? reject(error) : settle({ code: code ?? 255 })))
        else if (signal) void running.left.then(() => settle({ lost: `the runtime was ended by ${signal}` }))
        else void running.left.then(() => settle({ code: code ?? 255 }))
      })
    })
    // Whoever waits for it gets the error; before that it must not count as unhandled.
    this.ended.catch(() => undefined)
  }

  /** @param input the command's own, instead of the runtime's, which copies */
  writeTo(input: Writable): void {
    const { child } = this.#running
    child.stdin?.end()
    child.once('exit', () => input.destroy())
    this.stdin = input
  }

  /** @param output the command's own, instead of the runtime's, which copies */
  readFrom(output: Readable): void {
    this.#running.child.stdout?.resume()
    this.#straight = output
    this.stdout = output
  }

  readonly resize = async (): Promise<void> => {
    // The runtime asks our terminal for its size itself.
    const { pid } = this.#running
    if (pid > 0) process.kill(pid, 'SIGWINCH')
  }

  readonly signal = async (name: NodeJS.Signals): Promise<void> => {
    // The window was closed: with it goes all that runs in its session, jobs too. The watchdog sees to that.
    if (name === 'SIGHUP' && this.#ownsTerminal && !isatty(1)) this.#running.release()
    else if (!(await this.#running.signal(name)) && name !== 'SIGSTOP' && name !== 'SIGCONT') {
      // What has not begun is ended by any of them.
      this.#unbegun ??= name
      this.#running.release()
    }
  }

  readonly close = async (): Promise<void> => {
    this.#running.release()
    await this.ended.catch(() => undefined)
    this.#straight?.destroy()
  }

  /** The runtime's codes for its own failures, and its words: what the command itself ends with has no such log. */
  #failed(code: number | null): boolean {
    const failure = this.#log.failure()
    return failure !== undefined && (code === 255 || code === 1) && (this.#held === '' || this.#held.includes(failure))
  }

  /** Passes the command's stderr on, but not the runtime's last words: they come back as an error of ours. */
  #withoutFailures(from: Readable | null, look: () => Promise<DockerBashError | undefined>): Readable {
    const kept = new Readable({ read: () => void from?.resume() })
    if (!from) {
      kept.push(null)
      return kept
    }
    /** Perhaps the runtime's word that the command was not run: all there is, then. */
    let only: Buffer | undefined
    let isFirst = true
    /** The command's own, where nothing keeps the kernel from it: not held until it ends. */
    const release = (held: Buffer) =>
      void look().then((error) => {
        if (error || only !== held) return
        only = undefined
        kept.push(held)
      })
    from.on('data', (chunk: Buffer) => {
      // Its log is written first, so that the log is empty for all that the command says.
      const failure = this.#log.failure()
      const isItsOwn = failure !== undefined && `${this.#held}${chunk}`.includes(failure.slice(0, 40))
      const before = only
      only = isFirst && !isItsOwn && isExecFailure(chunk.toString()) ? chunk : undefined
      isFirst = false
      if (before) kept.push(before)
      if (only && !isLogged(only.toString())) release(only)
      if (isItsOwn) this.#held += chunk.toString()
      else if (!only && !kept.push(chunk)) from.pause()
    })
    from.once('end', () => {
      const rest = only
      only = undefined
      // crun's, whose log came later.
      const failure = rest && this.#log.failure()
      if (failure !== undefined && rest?.includes(failure)) this.#held += `${rest}`
      else if (rest) this.#blocked = look()
      void (this.#blocked ?? Promise.resolve()).then((error) => {
        if (this.#blocked && rest && !error) kept.push(rest)
        kept.push(null)
      })
    })
    return kept
  }
}

async function whyNotStarted(target: Probed, request: Request, failure: string): Promise<DockerBashError> {
  const { notStarted } = await import('../shared/not-run')
  const error = await notStarted(target, request, failure)
  const readNothing = request.tty || !request.stdin || isEmpty(0)
  if (readNothing || !(error instanceof NotBegun)) return error
  // Some of the input may be gone: another way in would begin in the middle of it.
  return new DockerBashError(error.message, { ...error, hint: `another way in: docker-bash --via exec ${target.name}` })
}
