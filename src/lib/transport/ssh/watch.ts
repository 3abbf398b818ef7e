import type { Client, ClientChannel } from 'ssh2'
import { messageOf } from '../../errors'
import { guard, orders } from '../../inside/guard'
import { quoteAll } from '../../quote'
import { run } from './channel'

/**
 * The guard of one session, on a channel of its own: sshd ends its input when the connection goes, however it went.
 * sshd itself hangs up only on what has a terminal, and passes on signals only since OpenSSH 8.1 and not to all.
 */
export class Watch {
  readonly #channel: ClientChannel | undefined
  readonly #over: Promise<void>
  /** Why there is none: a server that allows one session a connection. */
  readonly lost: string | undefined

  private constructor(channel: ClientChannel | undefined, lost?: string) {
    this.#channel = channel
    this.lost = lost
    this.#over = new Promise((settle) => {
      if (!channel) return settle()
      channel.once('close', settle)
      channel.resume()
      channel.stderr.resume()
      channel.on('error', () => undefined)
    })
  }

  static async start(client: Client, shell: string, tag: string): Promise<Watch> {
    try {
      return new Watch(await run(client, `exec ${quoteAll(guard(shell, tag))}`))
    } catch (error) {
      return new Watch(undefined, messageOf(error))
    }
  }

  watch(pid: number): void {
    this.#channel?.write(orders.watch(pid))
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    this.#channel?.write(orders.signal(name))
  }

  /**
   * The command ended by itself: the guard leaves and touches nothing. Settles when it has: a server that is hung up on
   * drops what it had not handed over yet.
   */
  async dismiss(): Promise<void> {
    this.#channel?.end(orders.done)
    let late: NodeJS.Timeout | undefined
    await Promise.race([this.#over, new Promise((resolve) => (late = setTimeout(resolve, 2000)))])
    clearTimeout(late)
  }

  /** Ends the command and all of its session. */
  release(): void {
    this.#channel?.end()
  }
}
