import type { Readable } from 'node:stream'
import { Writable } from 'node:stream'
import { monotonic } from '../clock'
import { DockerBashError, errno, messageOf } from '../errors'
import type { Session } from '../model'
import { attach } from '../session/attach'
import { failureOf, type Outcome, outcomeOf, timedOutCode } from './outcome'
import type { Member } from './select'
import type { Stream, View } from './view'

/** How long a signal's receivers have for their own way out before they are ended. */
const graceMs = 2000
/** How long what was ended may take to go before it is given up, as with an engine that hangs. */
const patienceMs = 8000

export interface Running {
  readonly members: readonly Member[]
  /** At most so many at once. */
  readonly parallel: number
  readonly timeoutMs?: number | undefined
  /** How much of that (ms) has passed already. */
  readonly spentMs?: number
  /** Begins the command in one of them. @param abort what has not begun by then does not begin */
  readonly open: (member: Member, abort: AbortSignal) => Promise<Session>
  /** What each reads; nothing by default. */
  readonly input?: (() => Readable) | undefined
  readonly view: View
  readonly begun: (member: Member) => void
}

/** Why a fleet is ended before its time. */
type Reason = { readonly signal: NodeJS.Signals } | { readonly timeout: number } | { readonly output: unknown }

/**
 * The same command in many containers. What ends it early (`signal`, the timeout, output that cannot be written) ends
 * it everywhere: what runs is ended inside, what has not begun is not begun.
 */
export class Fleet {
  readonly #running: Running
  readonly #sessions = new Set<Session>()
  readonly #opening = new Set<AbortController>()
  #reason: Reason | undefined
  #ended = false
  #giveUp: () => void = () => undefined
  readonly #givenUp = new Promise<undefined>((settle) => {
    this.#giveUp = () => settle(undefined)
  })
  readonly #timers: NodeJS.Timeout[] = []

  constructor(running: Running) {
    this.#running = running
  }

  /** The signal that ended it, if one did. */
  get signal(): NodeJS.Signals | undefined {
    return this.#reason && 'signal' in this.#reason ? this.#reason.signal : undefined
  }

  /**
   * @returns one outcome a member, in their order
   * @throws DockerBashError when our own output could not be written; a reader who left is SIGPIPE
   */
  async run(): Promise<readonly Outcome[]> {
    const { members, parallel, timeoutMs, spentMs = 0 } = this.#running
    if (timeoutMs !== undefined) this.#later(timeoutMs - spentMs, () => this.#end({ timeout: timeoutMs }))
    const outcomes: Outcome[] = []
    let next = 0
    const worker = async () => {
      for (let at = next++; at < members.length; at = next++) outcomes[at] = await this.#one(members[at] as Member)
    }
    try {
      await Promise.all(Array.from({ length: Math.min(parallel, members.length) }, worker))
    } finally {
      for (const timer of this.#timers) clearTimeout(timer)
    }
    if (this.#reason && 'output' in this.#reason) {
      const { output } = this.#reason
      throw new DockerBashError(`cannot write the output: ${messageOf(output)}`, { hint: 'the commands were ended' })
    }
    return outcomes
  }

  /** Signals that are the commands' business alone, SIGUSR1 and SIGUSR2. */
  pass(name: NodeJS.Signals): void {
    for (const session of this.#sessions) void session.signal?.(name)
  }

  /** The first is handed to every command, which is ended if it does not go by itself; a second ends them at once. */
  interrupt(name: NodeJS.Signals): void {
    if (this.#reason) this.#endAll()
    else {
      this.#reason = { signal: name }
      this.#openNoMore()
      this.pass(name)
      this.#later(graceMs, () => this.#endAll())
    }
  }

  #end(reason: Reason): void {
    const readerLeft = 'output' in reason && errno(reason.output) === 'EPIPE'
    this.#reason ??= readerLeft ? { signal: 'SIGPIPE' } : reason
    this.#endAll()
  }

  #endAll(): void {
    if (this.#ended) return
    this.#ended = true
    this.#openNoMore()
    for (const session of this.#sessions) void session.close()
    this.#later(patienceMs, () => this.#giveUp())
  }

  async #one(member: Member): Promise<Outcome> {
    const from = monotonic()
    const seconds = () => (monotonic() - from) / 1000
    if (this.#reason) return this.#cutShort(false, 0)
    this.#running.begun(member)
    const ran = await Promise.race([this.#ran(member, seconds), this.#givenUp])
    const outcome = ran && !this.#wasEnded(ran) ? ran : this.#cutShort(ran?.begun ?? true, seconds())
    await this.#running.view.ended(member, outcome).catch((error: unknown) => this.#end({ output: error }))
    return outcome
  }

  async #ran(member: Member, seconds: () => number): Promise<Outcome> {
    let session: Session | undefined
    try {
      session = await this.#open(member)
      this.#sessions.add(session)
      if (this.#reason) void session.close()
      const input = this.#running.input?.()
      const streams = { stdout: this.#to(member, 'stdout'), stderr: this.#to(member, 'stderr') }
      const ending = await attach(session, { ...(input && { stdin: input }), ...streams }, () => () => undefined)
      return outcomeOf(ending, seconds())
    } catch (error) {
      return failureOf(error, seconds())
    } finally {
      if (session) this.#sessions.delete(session)
    }
  }

  async #open(member: Member): Promise<Session> {
    // One for each: a signal that many wait for is taken for a leak.
    const control = new AbortController()
    this.#opening.add(control)
    const opening = this.#running.open(member, control.signal)
    const aborted = new Promise<never>((_, reject) => {
      control.signal.addEventListener('abort', () => reject(control.signal.reason), { once: true })
    })
    try {
      return await Promise.race([opening, aborted])
    } catch (error) {
      // It may wait for an engine that hangs. If it is there after all, it is not to stay.
      opening.then(
        (session) => session.close(),
        () => undefined,
      )
      throw error
    } finally {
      this.#opening.delete(control)
    }
  }

  #openNoMore(): void {
    for (const control of this.#opening) control.abort(new DockerBashError('not begun'))
  }

  #to(member: Member, stream: Stream): Writable {
    return new Writable({
      write: (bytes: Buffer, _encoding, done) => {
        if (bytes.length === 0) return done()
        this.#running.view.output(member, stream, bytes).then(
          () => done(),
          (error) => {
            this.#end({ output: error })
            done(error)
          },
        )
      },
    })
  }

  /** A command that a signal found in good order may have ended well; past the timeout nothing has. */
  #wasEnded({ code }: Outcome): boolean {
    return this.#reason !== undefined && ('timeout' in this.#reason || code !== 0)
  }

  /** What is said of a member whose command did not get to its own end. */
  #cutShort(begun: boolean, seconds: number): Outcome {
    const how = (text: string) => (begun ? `ended: ${text}` : `not begun: ${text}`)
    const reason = this.#reason
    const about = { begun, seconds }
    if (reason && 'timeout' in reason) {
      return { ...about, code: timedOutCode, why: how(`the time was up after ${reason.timeout / 1000} s`) }
    }
    if (reason && 'signal' in reason) return { ...about, ...outcomeOf(reason, seconds), begun, why: how(reason.signal) }
    return { ...about, code: 255, why: how('the output cannot be written') }
  }

  #later(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(act, ms))
  }
}
