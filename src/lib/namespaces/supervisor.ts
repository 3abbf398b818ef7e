import { type ChildProcess, type IOType, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { namelessProgram } from '../host/anonymous-file'
import { waysOutOfCgroups } from '../host/cgroup'
import { perl } from '../host/perl'
import { asUsual } from '../host/usual-attributes'
import type { Ending } from '../model'
import { wayScript } from './enter'
import { orders, SupervisorWords } from './protocol'
import { type WayOrder, writeOrder } from './request'

/** The supervisor of one command, as we hold it. It is there before the order, and leaves if none comes. */
export class SessionSupervisor {
  readonly child: ChildProcess
  /** Settles when the command runs; rejects with a WayError when it could not be started. */
  readonly started: Promise<number>
  readonly ended: Promise<Ending>
  readonly #link: Duplex
  readonly #order: Duplex

  /**
   * @param stdio of the command; with a terminal, of what copies to it
   * @param more descriptors for the supervisor, from 6 on
   */
  static async start(stdio: readonly (IOType | number)[], more: readonly number[] = []): Promise<SessionSupervisor> {
    // A copy without a name: whoever inside could lay hands on what came in has nothing of the host's.
    return new SessionSupervisor(stdio, more, await namelessProgram(perl))
  }

  private constructor(stdio: readonly (IOType | number)[], more: readonly number[], program: number) {
    const [first = '', ...words] = [...asUsual(), '/proc/self/fd/5', '-e', wayScript, ...waysOutOfCgroups()]
    this.child = spawn(first, words, {
      cwd: '/',
      stdio: [...stdio, 'pipe', 'pipe', program, ...more],
      // Not in front of others: setarch takes its own name for what is asked.
      ...(first.startsWith('/proc/') && { argv0: 'docker-bash' }),
      detached: true,
      env: { LC_ALL: 'C' },
    })
    closeSync(program)
    const streams = this.child.stdio as unknown as Duplex[]
    this.#link = streams[3] as Duplex
    this.#order = streams[4] as Duplex
    for (const stream of [this.#link, this.#order]) stream.on('error', () => undefined)
    const { started, ended } = this.#listen()
    this.started = started
    this.ended = ended
  }

  /** Has it start its command. */
  begin(order: WayOrder): void {
    this.#order.end(writeOrder(order))
  }

  /** To the command's process group, and to the one its terminal has in front. */
  signal(name: NodeJS.Signals): void {
    this.#say(orders.kill(name))
  }

  resize(columns: number, rows: number): void {
    this.#say(orders.size(columns, rows))
  }

  /** Ends the command and all of its session; without one, the supervisor alone. */
  release(): void {
    this.#order.destroy()
    this.#link.destroy()
  }

  #say(line: string): void {
    if (this.#link.writable) this.#link.write(line)
  }

  #listen() {
    const words = new SupervisorWords()
    this.#link.on('data', (chunk: Buffer) => words.take(chunk))
    this.child.once('error', (error) => words.fail(error))
    const closed = new Promise<Ending>((settle) => {
      this.child.once('close', (code, signal) => {
        words.fail(new Error(`the supervisor ended before the command began (${signal ?? code})`))
        settle({ lost: `what kept the command was ended by ${signal ?? `itself, with ${code}`}` })
      })
    })
    // Its word is the last thing it does: that it has gone, too, need not be waited for.
    const ended = words.ended.then((ending) => ending ?? closed)
    return { started: words.started, ended }
  }
}
