import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { namelessProgram } from '../host/anonymous-file'
import { waysOutOfCgroups } from '../host/cgroup'
import { closeInherited } from '../host/inheritable-stdio'
import { perl } from '../host/perl'
import { asUsual } from '../host/usual-attributes'
import { runcSupervisorScript } from './runc-supervisor-script'

/** What is heard of one thing that runs. */
export interface Listener {
  output(stream: 'stdout' | 'stderr', bytes: Buffer): void
  /** On stderr, after the runtime had logged something: its own last words, most likely. */
  suspect(bytes: Buffer): void
  /** @param status as waitpid(2) tells it */
  over(status: number, log: string): void
  /** The supervisor itself is gone. */
  lost(why: string): void
}

/** The process that starts runtimes for us and ends what they started when we are gone: see `runc-supervisor-script.ts`. */
export class RuncSupervisor {
  readonly #child: ChildProcess
  readonly #link: Duplex
  readonly #listeners = new Map<number, Listener>()
  #count = 0
  #gone: string | undefined

  static get isPossible(): boolean {
    return process.platform === 'linux' && existsSync(perl)
  }

  static async start(): Promise<RuncSupervisor> {
    // A copy without a name: whoever inside could lay hands on it has nothing of the host's.
    return new RuncSupervisor(await namelessProgram(perl))
  }

  private constructor(program: number) {
    closeInherited()
    const [first = '', ...words] = [
      ...asUsual(),
      ...['/proc/self/fd/5', '-e', runcSupervisorScript, process.arch, ...waysOutOfCgroups()],
    ]
    this.#child = spawn(first, words, {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', program],
      // Not in front of others: setarch takes its own name for what is asked.
      ...(first.startsWith('/proc/') && { argv0: 'docker-bash' }),
      // What is typed at our terminal, ctrl-c too, is not for it.
      detached: true,
      // Runtimes are many here and short-lived: threads for each processor cost them more than they bring.
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', GOMAXPROCS: '1' },
    })
    closeSync(program)
    const [, , , link, told] = this.#child.stdio as unknown as Duplex[]
    this.#link = link as Duplex
    this.#link.on('error', () => undefined)
    this.#listen(told as Duplex)
    this.#child.once('error', (error) => this.#lose(error.message))
  }

  /**
   * Starts a program.
   * @param spec for its descriptor 5; 6 is for its log, 0 is nothing, 1 and 2 come back
   * @returns the number by which it is meant from now on
   */
  run(words: readonly string[], spec: string, listener: Listener): number {
    const number = ++this.#count
    if (this.#gone !== undefined) {
      listener.lost(this.#gone)
      return number
    }
    this.#listeners.set(number, listener)
    const bytes = Buffer.from(spec)
    const fields = [bytes.length, ...words].map((field) => `${field}\0`).join('')
    this.#say('run', number, Buffer.concat([Buffer.from(fields), bytes]))
    return number
  }

  signal(number: number, name: NodeJS.Signals): void {
    this.#say('kill', number, Buffer.from(name.replace(/^SIG/, '')))
  }

  /** Ends all that it runs inside. */
  end(number: number): void {
    this.#say('end', number)
  }

  /** Its output is not read while it is held. */
  hold(number: number, held: boolean): void {
    this.#say(held ? 'hold' : 'go', number)
  }

  /** Ends everything there still is. */
  close(): void {
    this.#link.destroy()
  }

  #say(verb: string, number: number, payload: Buffer = Buffer.alloc(0)): void {
    if (!this.#link.writable) return
    this.#link.write(Buffer.concat([Buffer.from(`${verb} ${number} ${payload.length}\n`), payload]))
  }

  #listen(words: Duplex): void {
    let held: Buffer = Buffer.alloc(0)
    words.on('data', (chunk: Buffer) => {
      held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk
      let at = 0
      while (held.length - at >= 9) {
        const length = held.readUInt32BE(at + 5)
        if (held.length - at - 9 < length) break
        const bytes = held.subarray(at + 9, at + 9 + length)
        this.#hear(held[at] ?? 0, held.readUInt32BE(at + 1), bytes)
        at += 9 + length
      }
      held = held.subarray(at)
    })
    words.on('error', () => undefined)
    words.once('close', () => this.#lose('what kept it was ended'))
  }

  #hear(kind: number, number: number, bytes: Buffer): void {
    const listener = this.#listeners.get(number)
    if (kind === 1) listener?.output('stdout', bytes)
    else if (kind === 2) listener?.output('stderr', bytes)
    else if (kind === 3) listener?.suspect(bytes)
    else if (kind === 4) {
      this.#listeners.delete(number)
      listener?.over(bytes.readUInt32BE(0), bytes.toString('utf8', 4))
    }
  }

  #lose(why: string): void {
    this.#gone ??= why
    for (const listener of this.#listeners.values()) listener.lost(why)
    this.#listeners.clear()
  }
}
