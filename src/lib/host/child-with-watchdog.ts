import { type ChildProcess, type IOType, spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { monotonic } from '../clock'
import { quoteAll } from '../text/quote'
import { waysOutOfCgroups } from './cgroup'
import { closeInherited } from './inheritable-stdio'
import { allProcesses, childrenOf, type ProcessStat, readStat } from './proc'
import { asUsual } from './usual-attributes'
import { watchdogScript } from './watchdog-script'

export interface ChildWithWatchdogOptions {
  /** Descriptors 0 to 6 of the program. 7 is the watchdog's. */
  readonly stdio: readonly (IOType | number)[]
  /** It copies to a terminal: the one that its stdout is, or a new one of its own (by util-linux' `script`). */
  readonly terminal?: 'ours' | 'new' | undefined
  /** Its descriptor 4 is a pipe to write into, or, where the shell makes none, the same as 3. Who reads is yet to open it. */
  readonly hasPipe?: boolean
  /** It waits for the end of every child it finds itself with: then the watchdog must not be one. */
  readonly waitsForAll?: boolean
  /** The program, and all that it starts, has the attributes of this process (`asUsual`). */
  readonly like: number | undefined
  /** A file that lists the container's processes: its control group's. */
  readonly members?: string | undefined
}

/** A program of the host's that runs something inside a container; what it runs ends when we do. */
export class ChildWithWatchdog {
  readonly child: ChildProcess
  readonly #link: Writable
  readonly #isBelow: boolean

  /** Settles once nothing is left of what ran inside, when somebody ended the program itself. */
  left: Promise<void> = Promise.resolve()
  /** What runs inside, once a session is more than a matter of a moment. */
  #noted: ProcessStat | undefined

  constructor(
    words: readonly string[],
    { stdio, terminal, hasPipe = false, like, members = '', waitsForAll = false }: ChildWithWatchdogOptions,
  ) {
    const padded = Array.from({ length: 7 }, (_, fd) => stdio[fd] ?? 'ignore')
    const settings = [terminal ? 'tty' : hasPipe ? 'pipe' : '', waysOutOfCgroups().join(' '), members]
    const watched = ['/bin/sh', '-c', watchdogScript(waitsForAll), 'docker-bash', ...settings, ...words]
    this.#isBelow = terminal === 'new'
    closeInherited()
    const [program = '', ...args] = [...asUsual(like), ...(this.#isBelow ? inNewTerminal(watched) : watched)]
    this.child = spawn(program, args, {
      stdio: [...padded, 'pipe'],
      // A session of its own: what is typed at our terminal, ctrl-c too, is for the command and goes its way.
      detached: true,
      // Ours may have been deleted, of which a shell complains.
      cwd: '/',
      env: {
        ...{ PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', SHELL: '/bin/sh' },
        ...(terminal && forTerminals()),
      },
    })
    this.#link = this.stream(7)
    // Whoever has the other end may leave at any moment, and inside it is the container who decides.
    for (const stream of this.child.stdio) stream?.on('error', () => undefined)
    // Not at the start, where it would cost: what ends before is not long there to be left behind.
    const noting = setInterval(() => {
      this.#noted = innerOf(this.pid)
      if (this.#noted) clearInterval(noting)
    }, 500).unref()
    this.child.once('exit', () => {
      clearInterval(noting)
      this.#leave('done\n')
      this.left = this.#endLeft()
    })
  }

  /** The program's own, once it has become one. */
  get pid(): number {
    const { pid = 0 } = this.child
    return this.#isBelow ? (started(pid)[0]?.pid ?? 0) : pid
  }

  /** One of the descriptors given as `pipe`, from our side. */
  stream(fd: number): Readable & Writable {
    return (this.child.stdio as unknown as (Readable & Writable)[])[fd] as Readable & Writable
  }

  /**
   * The process inside, as soon as it is there; undefined when the program ended before.
   * @param ms how long it is waited for
   */
  async inner(ms = Number.POSITIVE_INFINITY): Promise<ProcessStat | undefined> {
    const end = monotonic() + ms
    for (;;) {
      const found = innerOf(this.pid)
      if (found || this.#isOver || monotonic() > end) return found
      await new Promise((go) => setTimeout(go, 3))
    }
  }

  /**
   * To the process group inside, and to the one that its terminal has in front.
   * @returns false when nothing has begun inside within two seconds, whatever it is that the program waits for
   */
  async signal(name: NodeJS.Signals): Promise<boolean> {
    const inner = await this.inner(2000)
    if (!inner) return this.#isOver
    if (inner.foreground > 0 && inner.foreground !== inner.group) send(-inner.foreground, name)
    send(-inner.group, name)
    return true
  }

  get #isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Ends what runs inside as if we were gone. */
  release(): void {
    this.#leave('')
  }

  /** Ends what runs inside, and does not wait for it: the watchdog goes on without us. */
  leave(): void {
    this.release()
    this.child.unref()
    for (const stream of this.child.stdio) if (stream !== this.#link) stream?.destroy()
  }

  /** Somebody ended the program itself, and what it ran stayed: it ends as if we were gone. */
  async #endLeft(): Promise<void> {
    const noted = this.#noted
    if (!noted || readStat(noted.pid)?.start !== noted.start) return
    const left = () =>
      allProcesses().filter(({ session, state }) => session === noted.session && state !== 'Z' && state !== 'X')
    for (const name of ['SIGHUP', 'SIGCONT'] as const) for (const { pid } of left()) send(pid, name)
    for (let tries = 0; tries < 12 && left().length > 0; tries++) await new Promise((go) => setTimeout(go, 50))
    for (const { pid } of left()) send(pid, 'SIGKILL')
  }

  /** What was said stays readable; the watchdog's own end must not keep us. */
  #leave(word: string): void {
    if (!this.#link.writableEnded) this.#link.end(word, () => this.#link.destroy())
  }
}

/**
 * For a program written in Go, as runc is: as many of its threads may run at once as there are processors, and with two
 * of them waiting in the kernel for our keys and the command's output, on two, it looks for what else there is to copy
 * only each ten milliseconds. What runs inside does not see it.
 */
function forTerminals() {
  return { GOMAXPROCS: String(Math.max(4, availableParallelism())) }
}

/**
 * A child of the program in a session of its own, and no longer the runtime on its way in. crun's does not lead it: what
 * did went before. The program leads the one it is in.
 */
function innerOf(program: number): ProcessStat | undefined {
  return started(program).find(
    ({ session, hasOwnProgram, state }) => session !== program && state !== 'Z' && hasOwnProgram,
  )
}

/** The children of a process. All of /proc is looked through only where the kernel keeps no lists: that takes a while. */
function started(pid: number): ProcessStat[] {
  const listed = childrenOf(pid)?.flatMap((child) => readStat(child) ?? [])
  return listed ?? allProcesses().filter(({ parent }) => parent === pid)
}

/** `script` makes a terminal, runs a command line in it, and copies; what is written to no file is kept nowhere. */
function inNewTerminal(words: readonly string[]): string[] {
  return ['script', '--quiet', '--return', '--command', `exec ${quoteAll(words)}`, '/dev/null']
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended meanwhile.
  }
}
