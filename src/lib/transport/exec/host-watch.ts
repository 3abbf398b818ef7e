import { type ChildProcess, spawn } from 'node:child_process'
import type { Writable } from 'node:stream'
import { barrierAt, barrierBeside } from '../../host/barrier-process'
import { cgroupFile, waysOutOfCgroups } from '../../host/cgroup'
import { orders, watchdogArgv } from '../../inside/watchdog'
import type { Watching } from './watch'

/**
 * The watchdog of one session as a child of ours, for root on the engine's host: there it sees the command as well, and
 * need not be a second exec, which costs as much as the first, takes room under the container's limits and shows up in
 * the engine's events.
 */
export class HostWatch implements Watching {
  readonly #held: number
  readonly #tag: string
  readonly #toldPid: () => Promise<number>
  readonly #inside: () => Promise<Watching>
  readonly #child: ChildProcess
  readonly #link: Writable | null
  /** Takes over where the command is not to be seen from here. */
  #instead: Watching | undefined

  /**
   * @param held the PID of the container's first process
   * @param toldPid what the engine says the command's PID is
   * @param inside makes a watchdog in the container instead
   */
  constructor(held: number, tag: string, toldPid: () => Promise<number>, inside: () => Promise<Watching>) {
    this.#held = held
    this.#tag = tag
    this.#toldPid = toldPid
    this.#inside = inside
    const [shell = '', ...words] = watchdogArgv('/bin/sh', tag, cgroupFile(held, 'cgroup.procs'), waysOutOfCgroups())
    this.#child = spawn(shell, words, {
      stdio: ['pipe', 'ignore', 'ignore'],
      // What is typed at our terminal, ctrl-c too, is not for it.
      detached: true,
      cwd: '/',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
    })
    this.#child.on('error', () => undefined)
    this.#child.unref()
    this.#link = this.#child.stdin
    this.#link?.on('error', () => undefined)
  }

  get lost(): string | undefined {
    return this.#instead?.lost
  }

  async start(): Promise<void> {
    await this.#instead?.start()
  }

  async watch(pid: number): Promise<void> {
    const barrier = barrierBeside(this.#held, this.#tag) ?? barrierAt(await this.#toldPid(), this.#tag)
    if (barrier && this.#link?.writable) return this.#say(orders.watch(barrier.pid, barrier.start))
    const inside = await this.#inside()
    this.#instead = inside
    await inside.start()
    await inside.watch(pid)
    await this.#leave()
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    await (this.#instead ? this.#instead.signal(name) : this.#say(orders.signal(name)))
  }

  async dismiss(): Promise<void> {
    await this.#instead?.dismiss()
    await this.#leave()
  }

  async release(): Promise<void> {
    await this.#instead?.release()
    this.#link?.end()
  }

  async #leave(): Promise<void> {
    await this.#say(orders.done)
    this.#link?.end()
  }

  #say(order: string): Promise<void> {
    return new Promise((said) => {
      if (!this.#link?.writable) return said()
      this.#link.write(order, () => said())
    })
  }
}
