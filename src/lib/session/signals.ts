import { constants } from 'node:os'
import { DockerBashError } from '../errors'

/** Signals that are the command's business rather than ours. SIGWINCH is not one: it is a new size. */
export const forwarded = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** How long (ms) a signal waits for a command that may run already. */
const graceMs = 500

/** The signals that came while there was no session yet, and what ends the wait for it. */
class Waiting {
  readonly held: NodeJS.Signals[] = []
  readonly #abort = new AbortController()
  #grace: NodeJS.Timeout | undefined
  /** The command may run already, and take the signal in its own way. */
  mayRun = false

  constructor() {
    for (const name of forwarded) process.on(name, this.#hear)
  }

  get abort(): AbortSignal {
    return this.#abort.signal
  }

  stop(): void {
    clearTimeout(this.#grace)
    for (const name of forwarded) process.off(name, this.#hear)
  }

  readonly #hear = (name: NodeJS.Signals) => {
    this.held.push(name)
    const reason = new DockerBashError('', { code: 128 + constants.signals[name] })
    const end = () => this.#abort.abort(reason)
    // The second time somebody means it.
    if (this.mayRun && this.held.length === 1) this.#grace = setTimeout(end, graceMs)
    else end()
  }
}

let waiting: Waiting | undefined

/**
 * From here on, until there is a session, a signal ends the wait for it.
 * @returns aborted with a DockerBashError that says nothing and has the signal's exit code
 */
export function abortOnSignals(): AbortSignal {
  stopWaiting()
  waiting = new Waiting()
  return waiting.abort
}

/** There will be no session: signals do what they always do. */
export function stopWaiting(): void {
  waiting?.stop()
  waiting = undefined
}

/**
 * From here on a signal waits a moment for the session before it ends the wait: called just before a command is started
 * that has our own descriptors, because it may be heard from before we are told that it runs.
 */
export function holdSignals(): void {
  if (waiting) waiting.mayRun = true
}

/**
 * Hands every signal to `take`, first those that were held.
 * @returns the function that stops it
 */
export function forwardSignals(take: (name: NodeJS.Signals) => void): () => void {
  for (const name of forwarded) process.on(name, take)
  const held = waiting?.held ?? []
  stopWaiting()
  for (const name of held) take(name)
  return () => {
    for (const name of forwarded) process.off(name, take)
  }
}
