import { type ChildProcess, type IOType, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import type { Duplex } from 'node:stream'
import type { Ending } from '../../model'
import { namelessFile, namelessProgram } from '../scratch'
import { type WayOrder, writeOrder } from './order'
import { wayScript } from './script'

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

export const perl = '/usr/bin/perl'

/** The keeper of one command, as we hold it. */
export class Keeper {
  readonly child: ChildProcess
  /** Settles when the command runs; rejects with a WayError when it could not be started. */
  readonly started: Promise<number>
  readonly ended: Promise<Ending>
  readonly #link: Duplex

  /**
   * @param stdio of the command; with a terminal, of what copies to it
   * @param more descriptors for the keeper, from 6 on
   */
  constructor(order: WayOrder, stdio: readonly (IOType | number)[], more: readonly number[] = []) {
    const fields = namelessFile(writeOrder(order))
    // A copy without a name: whoever inside could lay hands on the program that came in has nothing of the host's.
    const program = namelessProgram(perl)
    this.child = spawn('/proc/self/fd/5', ['-e', wayScript], {
      stdio: [...stdio, 'pipe', fields, program, ...more],
      argv0: 'docker-bash',
      detached: true,
      env: { LC_ALL: 'C' },
    })
    closeSync(fields)
    closeSync(program)
    this.#link = (this.child.stdio as unknown as Duplex[])[3] as Duplex
    this.#link.on('error', () => undefined)
    const { started, ended } = this.#listen()
    this.started = started
    this.ended = ended
    // Whoever waits gets the error; before that it must not count as unhandled.
    started.catch(() => undefined)
  }

  /** To the command's process group, and to the one its terminal has in front. */
  signal(name: NodeJS.Signals): void {
    this.#say(`kill ${name.replace(/^SIG/, '')}`)
  }

  resize(columns: number, rows: number): void {
    this.#say(`size ${rows} ${columns}`)
  }

  /** Ends the command and all of its session. */
  release(): void {
    this.#link.destroy()
  }

  #say(line: string): void {
    if (this.#link.writable) this.#link.write(`${line}\n`)
  }

  #listen() {
    let heard = ''
    let ending: Ending | undefined
    let begin: (pid: number) => void = () => undefined
    let fail: (error: Error) => void = () => undefined
    const started = new Promise<number>((resolve, reject) => {
      begin = resolve
      fail = reject
    })
    const hear = (line: string) => {
      const [verb, word = '', ...rest] = line.split(' ')
      if (verb === 'started') begin(Number(word))
      else if (verb === 'failed') fail(new WayError([word, ...rest.slice(0, -1)].join(' '), Number(rest.at(-1))))
      else if (verb === 'exit') ending = { code: Number(word) }
      else if (verb === 'signal') ending = { signal: signalOf(Number(word)) }
    }
    this.#link.on('data', (chunk: Buffer) => {
      const lines = `${heard}${chunk}`.split('\n')
      heard = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })
    this.child.once('error', fail)
    const ended = new Promise<Ending>((settle) => {
      this.child.once('close', (code, signal) => {
        fail(new Error(`the keeper ended before the command began (${signal ?? code})`))
        settle(ending ?? { lost: `what kept the command was ended by ${signal ?? `itself, with ${code}`}` })
      })
    })
    return { started, ended }
  }
}

function signalOf(number: number): NodeJS.Signals {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return (found?.[0] ?? 'SIGKILL') as NodeJS.Signals
}
