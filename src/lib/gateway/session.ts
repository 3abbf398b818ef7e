import { constants } from 'node:os'
import { DockerBashError, messageOf } from '../errors'
import type { Ending, Session } from '../model'
import { attach } from '../session/attach'
import { exitCodeOf } from '../session/ending'
import type { Channel } from '../ssh/server/channel'
import { Fields } from '../ssh/server/fields'
import { closedChannel } from '../ssh/server/outlet'
import { safe } from '../text/escape-controls'
import type { Asked, Container } from './container'
import { serveFiles } from './files'
import type { Agent } from './forwarding'
import { modeWords } from './modes'
import ownServer from './own-server.sh'

/** Variables that a client may set; TERM comes with a terminal. */
const accepted = /^(LANG|LC_\w+|COLORTERM|TERM|TERM_PROGRAM|TERM_PROGRAM_VERSION)$/
const mostVariables = 64

/** Of RFC 4254, section 6.10. */
const known = new Set('ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' '))

/** Whose session it is. */
interface Client {
  /** Settles when what was asked of the connection before is done. */
  readonly asked: Promise<void>
  /** Makes a socket that leads to its agent. */
  agent(): Promise<Agent>
}

/** One of a client's sessions: what is asked of its channel, in the order in which it comes. */
export class ServedSession {
  readonly #container: Container
  readonly #channel: Channel
  readonly #client: Client
  readonly #env = new Map<string, string>()
  #terminal: NonNullable<Asked['terminal']> | undefined
  #isBegun = false
  #hasAgent = false
  #session: Session | undefined
  /** Came before there was anybody to take it. */
  readonly #early: NodeJS.Signals[] = []
  #take: ((signal: NodeJS.Signals) => void) | undefined
  /** Settles when nothing of it is left. */
  done: Promise<void> = Promise.resolve()

  constructor(container: Container, channel: Channel, client: Client) {
    this.#container = container
    this.#channel = channel
    this.#client = client
    channel.requests = (type, fields) => this.#asked(type, fields)
    void channel.closed.then(() => {
      if (!this.#isBegun) channel.close()
    })
  }

  /** Ends what runs, as if the client had hung up. */
  async close(): Promise<void> {
    this.#channel.gone()
    await this.done
  }

  #asked(type: string, fields: Fields): boolean {
    switch (type) {
      case 'env':
        return this.#setVariable(fields.text(), fields.text())
      case 'pty-req':
        return this.#setTerminal(fields)
      case 'window-change':
        return this.#resize(fields.number(), fields.number())
      case 'signal':
        return this.#signal(`SIG${fields.text()}`)
      case 'shell':
        return this.#begin({})
      case 'exec':
        return this.#begin({ command: Buffer.from(fields.bytes()) })
      case 'subsystem':
        return fields.text() === 'sftp' && this.#beginFiles()
      case 'auth-agent-req@openssh.com':
        return this.#takeAgent()
      case 'eow@openssh.com':
        return this.#readerLeft()
      // X11, flow control, a break.
      default:
        return false
    }
  }

  #setVariable(name: string, value: string): boolean {
    if (this.#isBegun || !accepted.test(name) || this.#env.size >= mostVariables) return false
    if (value.length > 4096 || value.includes('\0') || value.includes('\ufffd')) return false
    this.#env.set(name, value)
    return true
  }

  #setTerminal(fields: Fields): boolean {
    if (this.#isBegun || this.#terminal) return false
    const term = fields.text()
    const size = sizeOf(fields.number(), fields.number())
    fields.number()
    fields.number()
    if (/^[\w.+-]{1,64}$/.test(term)) this.#env.set('TERM', term)
    this.#terminal = { size, modes: modeWords(new Fields(fields.bytes())) }
    return true
  }

  #resize(columns: number, rows: number): boolean {
    if (!this.#terminal) return false
    const size = sizeOf(columns, rows)
    this.#terminal = { ...this.#terminal, size }
    void this.#session?.resize?.(size.columns, size.rows).catch(() => undefined)
    return true
  }

  #signal(name: string): boolean {
    if (!this.#isBegun || !isSignal(name)) return false
    if (this.#take) this.#take(name)
    else if (this.#early.length < 16) this.#early.push(name)
    return true
  }

  #takeAgent(): boolean {
    if (this.#isBegun) return false
    this.#hasAgent = true
    return true
  }

  /** Nobody reads the output any more. Who writes hears of it, as by a pipe. */
  #readerLeft(): boolean {
    this.#channel.output.destroy(closedChannel())
    return true
  }

  #begin(asked: Pick<Asked, 'command'>): boolean {
    if (this.#isBegun) return false
    this.#isBegun = true
    this.done = this.#run({ ...asked, env: this.#variables(), ...(this.#terminal && { terminal: this.#terminal }) })
    return true
  }

  #beginFiles(): boolean {
    if (this.#isBegun) return false
    this.#isBegun = true
    this.done = this.#runFiles()
    return true
  }

  async #runFiles(): Promise<void> {
    try {
      const server = await this.#container.files()
      if (server) {
        await serveFiles(server, this.#channel)
        this.#finish({ code: 0 })
        return
      }
    } catch (error) {
      this.#fail(error)
      return
    }
    // Not ours to enter from here: a server of its own will do, if it has one.
    await this.#run({ command: Buffer.from(ownServer), env: this.#variables() })
  }

  async #run(asked: Asked): Promise<void> {
    const abort = new AbortController()
    const hungUp = this.#channel.closed.then((): Ending => ({ signal: 'SIGHUP' }))
    void hungUp.then(() => abort.abort(new DockerBashError('')))
    await this.#client.asked
    // Where none can be made the command has none, as with an sshd.
    const agent = this.#hasAgent ? await this.#client.agent().catch(() => undefined) : undefined
    const env = agent ? [...asked.env, `SSH_AUTH_SOCK=${agent.path}`] : asked.env
    try {
      const session = await this.#container.open({ ...asked, env }, abort.signal)
      this.#session = session
      const { size } = this.#terminal ?? {}
      if (size && size !== asked.terminal?.size) void session.resize?.(size.columns, size.rows).catch(() => undefined)
      const { input: stdin, output: stdout, errors: stderr } = this.#channel
      const ending = await attach(session, { stdin, stdout, stderr }, (take) => this.#hear(take), hungUp)
      await agent?.close()
      this.#finish(ending)
    } catch (error) {
      await agent?.close()
      if (!abort.signal.aborted) this.#fail(error)
    }
  }

  #hear(take: (signal: NodeJS.Signals) => void): () => void {
    this.#take = take
    for (const signal of this.#early.splice(0)) take(signal)
    return () => {
      this.#take = undefined
    }
  }

  /** As sshd has them. There is no address at either end: RFC 4253 has no need of one. */
  #variables(): string[] {
    const nobody = 'UNKNOWN 65535'
    const { login } = this.#container
    return [
      ...(/^\d*$/.test(login) ? [] : [`USER=${login}`, `LOGNAME=${login}`]),
      ...[`SSH_CLIENT=${nobody} 65535`, `SSH_CONNECTION=${nobody} ${nobody}`],
      // Its own name is the engine's to choose.
      ...(this.#terminal ? ['SSH_TTY=/dev/tty'] : []),
      ...Array.from(this.#env, ([name, value]) => `${name}=${value}`),
    ]
  }

  #finish(ending: Ending): void {
    const channel = this.#channel
    channel.eof()
    const signal = 'signal' in ending ? ending.signal.slice('SIG'.length) : undefined
    if (signal && known.has(signal)) channel.exitSignal(signal)
    else channel.exitStatus(exitCodeOf(ending))
    channel.close()
  }

  /** One line of what happened, one of what to do. */
  #fail(error: unknown): void {
    const { message, hint, code } =
      error instanceof DockerBashError
        ? error
        : { message: `unexpected error: ${messageOf(error)}`, hint: undefined, code: 255 }
    const end = this.#terminal ? '\r\n' : '\n'
    const text = [`docker-bash: ${safe(message)}`, ...(hint ? [`  ${safe(hint)}`] : []), ''].join(end)
    const out = this.#terminal ? this.#channel.output : this.#channel.errors
    out.write(text, () => this.#finish({ code }))
  }
}

const isSignal = (name: string): name is NodeJS.Signals => Object.hasOwn(constants.signals, name)

/** What the engine can be given. */
function sizeOf(columns: number, rows: number) {
  const some = (count: number, usual: number) => (count > 0 && count < 32768 ? count : usual)
  return { columns: some(columns, 80), rows: some(rows, 24) }
}
