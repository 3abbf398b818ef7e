import { isatty } from 'node:tty'
import { DockerBashError, messageOf } from '../../lib/errors'
import type { ForwardEvents } from '../../lib/forward/forward'
import type { Carried } from '../../lib/forward/relay'
import { type End, type Forward, showOf } from '../../lib/forward/spec'
import { safe, safeJson } from '../../lib/text/escape-controls'
import { say } from '../output/errors'
import { print } from '../output/print'
import { Counts } from './counts'

/**
 * Says what listens, on stdout, and what went wrong, on stderr; or all of it as lines of JSON. At a terminal that is ours
 * alone also what is carried, as it is.
 */
export class Teller implements ForwardEvents {
  /** Aborts with the error when stdout cannot be written. A reader who left is none. */
  readonly broken = new AbortController()
  readonly #name: string
  readonly #isReverse: boolean
  readonly #json: boolean
  readonly #counts: Counts | undefined
  #queue: Promise<void> = Promise.resolve()

  constructor(name: string, { reverse, json, alone }: { reverse: boolean; json: boolean; alone: boolean }) {
    this.#name = name
    this.#isReverse = reverse
    this.#json = json
    this.#counts = alone && !json && isatty(2) ? new Counts() : undefined
  }

  /** @throws DockerBashError when stdout cannot be written */
  async listens(forward: Forward): Promise<void> {
    const [from, to] = this.#ends(forward)
    if (this.#json) this.#event('listens', { from, to })
    else {
      this.#counts?.clear()
      this.#print(`${safe(from)} -> ${safe(to)}\n`)
    }
    await this.#queue
    this.broken.signal.throwIfAborted()
  }

  joined(forward: Forward, live: () => Carried, over: Promise<unknown>): void {
    this.#counts?.joined(this.#ends(forward)[0], live, over)
  }

  carried(forward: Forward, bytes: Carried): void {
    const [from, to] = this.#ends(forward)
    if (this.#json) this.#event('carried', { from, to, ...bytes })
  }

  refused(forward: Forward, to: End, why: string): void {
    const [from, far] = this.#ends({ ...forward, to })
    if (this.#json) this.#event('refused', { from, to: far, because: why })
    else this.#say(`${from}: a ${forward.udp ? 'datagram' : 'connection'} to ${far} failed: ${why}`)
  }

  /** The container has ended or runs again. */
  changed(event: 'lost' | 'back', words: string): void {
    if (this.#json) this.#event(event, { name: this.#name })
    else this.#say(words)
  }

  /** Nothing listens at the other end, so that nothing listens here; or again. */
  gate(forward: Forward, isOpen: boolean): void {
    const [from, to] = this.#ends(forward)
    if (this.#json) this.#event(isOpen ? 'open' : 'shut', { from, to })
    else if (!isOpen) this.#say(`nothing listens at ${to}: until something does, ${from} refuses connections, too`)
  }

  /** The end that does not listen, in words. */
  far(forward: Forward): string {
    return this.#ends(forward)[1]
  }

  /** Settles when all is printed; nothing more is. */
  close(): Promise<void> {
    this.#counts?.close()
    return this.#queue
  }

  #say(text: string): void {
    this.#counts?.clear()
    say(text)
  }

  #event(event: string, what: object): void {
    this.#print(`${safeJson({ event, ...what })}\n`)
  }

  #print(text: string): void {
    this.#queue = this.#queue.then(async () => {
      if (this.broken.signal.aborted) return
      await print(text).catch((cause: unknown) => {
        this.broken.abort(
          new DockerBashError(`stdout cannot be written: ${messageOf(cause)}`, {
            hint: 'what listens is printed there; > /dev/null does without',
            cause,
          }),
        )
      })
    })
  }

  #ends(forward: Forward): readonly [from: string, to: string] {
    const [from, to] = [showOf(forward, forward.from), showOf(forward, forward.to)]
    if (forward.to.kind === 'tcp' && forward.to.host === '*') {
      return [from, `${this.#name}: wherever SOCKS is asked for`]
    }
    return this.#isReverse ? [`${this.#name}:${from}`, to] : [from, `${this.#name}:${to}`]
  }
}
