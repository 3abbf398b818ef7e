import { constants } from 'node:os'
import type { Ending } from '../model'

/** Why nothing was started: the step that failed, and errno's number. */
export class WayError extends Error {
  readonly step: string
  readonly errno: number

  constructor(step: string, errno: number) {
    super(`${step}: errno ${errno}`)
    this.step = step
    this.errno = errno
  }
}

/** What a supervisor says on its link, a line each: `started`, `failed`, `exit`, `signal`. */
export class SupervisorWords {
  /** Settles with the command's PID when it runs; rejects with a WayError when it could not be started. */
  readonly started: Promise<number>
  /** Settles with how the command ended, or with nothing once it is certain that nobody will say. */
  readonly ended: Promise<Ending | undefined>
  #end: (ending: Ending | undefined) => void = () => undefined
  #begin: (pid: number) => void = () => undefined
  #fail: (error: Error) => void = () => undefined
  #heard = ''

  constructor() {
    this.started = new Promise<number>((resolve, reject) => {
      this.#begin = resolve
      this.#fail = reject
    })
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    // Whoever waits gets the error; before that it must not count as unhandled.
    this.started.catch(() => undefined)
  }

  take(chunk: Buffer): void {
    const lines = `${this.#heard}${chunk}`.split('\n')
    this.#heard = lines.pop() ?? ''
    for (const line of lines) this.#hear(line)
  }

  /** Nothing more will be said. */
  fail(error: Error): void {
    this.#fail(error)
    this.#end(undefined)
  }

  #hear(line: string): void {
    const [verb, word = '', ...rest] = line.split(' ')
    if (verb === 'started') this.#begin(Number(word))
    else if (verb === 'failed') this.#fail(new WayError([word, ...rest.slice(0, -1)].join(' '), Number(rest.at(-1))))
    else if (verb === 'over') this.fail(new Error('the supervisor ended'))
    else if (verb === 'exit') this.#end({ code: Number(word) })
    else if (verb === 'signal') this.#end(endingBy(Number(word)))
  }
}

/** Orders to a supervisor. */
export const orders = {
  kill: (name: NodeJS.Signals) => `kill ${name.replace(/^SIG/, '')}\n`,
  size: (columns: number, rows: number) => `size ${rows} ${columns}\n`,
}

/** Node has no names for real-time signals. */
function endingBy(number: number): Ending {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return found ? { signal: found[0] as NodeJS.Signals } : { code: 128 + number }
}
