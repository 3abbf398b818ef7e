import type { Client, ClientChannel } from 'ssh2'
import { orders, watchdogArgv } from '../inside/watchdog'
import { quoteAll } from '../text/quote'
import { run } from './channel'
import hello from './hello.sh'
import { hear } from './start-word'

/** What a watchdog says of where it is. All of it is the word of the machine it runs on. */
export interface Greeting {
  /** Its argv, exactly. */
  readonly words: readonly string[]
  /** What stood at the secret's path; `-` for nothing. */
  readonly secret: string
  /** The IDs of containers that its mounts name. */
  readonly containers: readonly string[]
}

/**
 * The watchdog of one session, on a channel of its own: sshd ends its input when the connection goes, however it went.
 * sshd itself hangs up only on what has a terminal, and passes on signals only since OpenSSH 8.1 and not to all. It is
 * the first that runs in a login, and no word of the user's is in it: by it we see where we are.
 */
export class Watch {
  readonly greeting: Greeting
  readonly #channel: ClientChannel
  readonly #over: Promise<void>
  /** Why it watches no more: a server that allows one session a connection. */
  lost: string | undefined

  private constructor(channel: ClientChannel, greeting: Greeting) {
    this.greeting = greeting
    this.#channel = channel
    this.#over = new Promise((settle) => {
      channel.once('close', settle)
      channel.on('error', () => undefined)
    })
  }

  /**
   * @param name the container's
   * @param path of a secret inside that it is to say
   * @throws Closed when it does not begin; an error in the server's words when that allows no session
   */
  static async start(client: Client, shell: string, tag: string, name: string, path = ''): Promise<Watch> {
    const [program = '', flag = '', script = '', ...rest] = watchdogArgv(shell, tag)
    // $2 is the watchdog's own.
    const words = [program, flag, `${hello}${script}`, ...rest, '', path]
    const channel = await run(client, `exec ${quoteAll(words)}`)
    const { lines, stdout, stderr } = hear(channel, tag, name)
    const [, secret = '-', ...mounts] = (await lines[0]) ?? []
    stdout.resume()
    stderr.resume()
    const containers = mounts.flatMap((mount) => /containers\/([0-9a-f]{64})\//.exec(mount)?.[1] ?? [])
    return new Watch(channel, { words, secret, containers })
  }

  watch(pid: number): void {
    if (this.lost === undefined) this.#channel.write(orders.watch(pid))
  }

  async signal(name: NodeJS.Signals): Promise<void> {
    this.#channel.write(orders.signal(name))
  }

  /**
   * The command ended by itself: the watchdog leaves and touches nothing. Settles when it has: a server that is hung up on
   * drops what it had not handed over yet.
   */
  async dismiss(): Promise<void> {
    if (this.lost === undefined) this.#channel.end(orders.done)
    let late: NodeJS.Timeout | undefined
    await Promise.race([this.#over, new Promise((resolve) => (late = setTimeout(resolve, 2000)))])
    clearTimeout(late)
  }

  /** Makes room for the command, where a server allows one session. */
  async leave(why: string): Promise<void> {
    await this.dismiss()
    this.lost = why
  }

  /** Ends the command and all of its session. */
  release(): void {
    if (this.lost === undefined) this.#channel.end()
  }
}
