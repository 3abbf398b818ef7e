import { constants } from 'node:os'
import { Readable } from 'node:stream'
import { wordsOf } from '../inside/argv'
import { type Ending, knownRuntime, type Plan, type Session } from '../model'
import { runtimeWords } from '../transport/runc/argv'
import { lastError } from '../transport/runc/log'
import { processSpec } from '../transport/runc/spec'
import { isExecFailure, isLogged } from '../transport/shared/exec-failure'
import type { Listener, RuncSupervisor } from './runc-supervisor'

/** A command that the container's own runtime runs, started by the supervisor. It reads nothing. */
export class SupervisedSession implements Session, Listener {
  readonly stdout: Readable
  readonly stderr: Readable
  readonly ended: Promise<Ending>
  readonly #plan: Plan
  readonly #supervisor: RuncSupervisor
  readonly #number: number
  #held = false
  /** What may be the runtime's last words rather than the command's. */
  #suspect = ''
  /** What the runtime may have said first on stderr: that the kernel did not run the command. All there is, then. */
  #only: Buffer | undefined
  #isFirst = true
  #settle: (ending: Ending) => void = () => undefined
  #fail: (error: unknown) => void = () => undefined

  constructor(supervisor: RuncSupervisor, plan: Plan) {
    const { target, request } = plan
    const runtime = knownRuntime(target)
    if (!runtime) throw new TypeError('judged out')
    this.#plan = plan
    this.#supervisor = supervisor
    this.stdout = new Readable({ read: () => this.#go() })
    this.stderr = new Readable({ read: () => this.#go() })
    for (const stream of [this.stdout, this.stderr]) stream.once('close', () => this.#go())
    this.ended = new Promise((settle, fail) => {
      this.#settle = settle
      this.#fail = fail
    })
    // Whoever waits for it gets the error; before that it must not count as unhandled.
    this.ended.catch(() => undefined)
    const spec = processSpec(target, request, runtime, wordsOf(target, request), undefined)
    const words = runtimeWords(runtime, target.id, { tty: false, hasBarrier: false })
    this.#number = supervisor.run(words, spec, this)
  }

  readonly signal = async (name: NodeJS.Signals): Promise<void> => {
    this.#supervisor.signal(this.#number, name)
  }

  readonly close = async (): Promise<void> => {
    this.#supervisor.end(this.#number)
    await this.ended.catch(() => undefined)
  }

  output(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    if (stream === 'stderr') {
      const before = this.#only
      this.#only = this.#isFirst && isExecFailure(bytes.toString()) ? Buffer.from(bytes) : undefined
      this.#isFirst = false
      if (before) this.stderr.push(before)
      if (this.#only) {
        if (!isLogged(this.#only.toString())) void this.#releaseOwn(this.#only)
        return
      }
    }
    // Nobody reads it any more: it must not keep the rest from its end.
    if (this[stream].destroyed || this[stream].push(bytes) || this.#held) return
    this.#held = true
    this.#supervisor.hold(this.#number, true)
  }

  /** The command's own words, where nothing keeps the kernel from it: not held until it ends. */
  async #releaseOwn(held: Buffer): Promise<void> {
    const error = await this.#whyNotBegun(undefined).catch(() => undefined)
    if (error || this.#only !== held) return
    this.#only = undefined
    this.stderr.push(held)
  }

  suspect(bytes: Buffer): void {
    this.#suspect += bytes.toString()
  }

  over(status: number, log: string): void {
    const failure = lastError(log)
    const failed = failure !== undefined && this.#isRuntimes(status, failure)
    this.#over(status, failed ? failure : undefined).catch(this.#fail)
  }

  async #over(status: number, failure: string | undefined): Promise<void> {
    const error = await this.#whyNotBegun(failure)
    if (!error) this.stderr.push(Buffer.concat([this.#only ?? Buffer.alloc(0), Buffer.from(this.#suspect)]))
    this.#finish()
    if (error) this.#fail(error)
    else this.#settle(endingOf(status))
  }

  async #whyNotBegun(failure: string | undefined): Promise<Error | undefined> {
    if (failure === undefined && !this.#only) return undefined
    const { target, request } = this.#plan
    const { notStarted, whyBlocked } = await import('../transport/shared/not-run')
    return failure === undefined ? whyBlocked(target, request) : notStarted(target, request, failure)
  }

  lost(why: string): void {
    if (this.#only) this.stderr.push(this.#only)
    this.#only = undefined
    this.#finish()
    this.#settle({ lost: why })
  }

  /** A runtime's own codes for its failures, with its words: see `transport/runc/session.ts`. */
  #isRuntimes(status: number, failure: string): boolean {
    const code = status >> 8
    return (code === 255 || code === 1) && (this.#suspect === '' || this.#suspect.includes(failure))
  }

  #finish(): void {
    this.stdout.push(null)
    this.stderr.push(null)
  }

  #go(): void {
    if (!this.#held) return
    this.#held = false
    this.#supervisor.hold(this.#number, false)
  }
}

/** The runtime ends with its command's code; ended itself, it took the code along. */
function endingOf(status: number): Ending {
  const signal = status & 0x7f
  if (signal === 0) return { code: status >> 8 }
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0]
  return { lost: `the runtime was ended by ${name ?? signal}` }
}
