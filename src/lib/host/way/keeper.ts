import { type ChildProcess, type IOType, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import type { Ending } from '../../model'
import { namelessFile, namelessProgram } from '../scratch'
import { type WayOrder, writeOrder } from './order'
import { wayScript } from './script'
import { KeeperWords, orders } from './words'

export const perl = '/usr/bin/perl'

/**
 * The program that the keeper is, as a descriptor. A copy without a name: whoever inside could lay hands on what came in
 * has nothing of the host's.
 */
export function keeperProgram(): number {
  return namelessProgram(perl)
}

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
   * @param program what `keeperProgram` has made; closed here
   */
  constructor(
    order: WayOrder,
    stdio: readonly (IOType | number)[],
    more: readonly number[] = [],
    program = keeperProgram(),
  ) {
    const fields = namelessFile(writeOrder(order))
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
  }

  /** To the command's process group, and to the one its terminal has in front. */
  signal(name: NodeJS.Signals): void {
    this.#say(orders.kill(name))
  }

  resize(columns: number, rows: number): void {
    this.#say(orders.size(columns, rows))
  }

  /** Ends the command and all of its session. */
  release(): void {
    this.#link.destroy()
  }

  #say(line: string): void {
    if (this.#link.writable) this.#link.write(line)
  }

  #listen() {
    const words = new KeeperWords()
    this.#link.on('data', (chunk: Buffer) => words.take(chunk))
    this.child.once('error', (error) => words.fail(error))
    const ended = new Promise<Ending>((settle) => {
      this.child.once('close', (code, signal) => {
        words.fail(new Error(`the keeper ended before the command began (${signal ?? code})`))
        const lost = { lost: `what kept the command was ended by ${signal ?? `itself, with ${code}`}` }
        void words.ended.then((ending) => settle(ending ?? lost))
      })
    })
    return { started: words.started, ended }
  }
}
