import { constants } from 'node:os'
import { DockerBashError, NotBegun } from '../errors'
import type { Ending, Session } from '../model'
import { attach } from '../session/attach'
import { exitCodeOf } from '../session/ending'
import type { Channel } from '../ssh/server/channel'
import type { Fields } from '../ssh/server/fields'
import { closedChannel } from '../ssh/server/outlet'
import { safe } from '../text/escape-controls'
import type { Over } from './audit'
import { noFiles, notThere, serveFiles } from './files'
import type { Agent } from './forwarding'
import type { Guest } from './guest'
import { meantBy, said, type Wish } from './meant'
import type { Asked } from './meant-request'
import { toldOfLoss, toldTo } from './outside'
import ownServer from './own-server.sh'
import { Setup } from './setup'

/** Of RFC 4254, section 6.10. */
const known = new Set('ABRT ALRM FPE HUP ILL INT KILL PIPE QUIT SEGV TERM USR1 USR2'.split(' '))

/** By SIGKILL, as everything in a container that ends. */
const killed = 128 + constants.signals.SIGKILL

/** Whose session it is. */
interface Client {
  /** Settles when what was asked of the connection before is done. */
  readonly asked: Promise<void>
  /** Makes a socket that leads to its agent. */
  agent(): Promise<Agent>
}

/** One of a client's sessions: what is asked of its channel, in the order in which it comes. */
export class ServedSession {
  readonly #guest: Guest
  readonly #channel: Channel
  readonly #client: Client
  readonly #setup: Setup
  #isBegun = false
  #isResizing = false
  #over: Over = () => undefined
  #session: Session | undefined
  /** Came before there was anybody to take it. */
  readonly #early: NodeJS.Signals[] = []
  #take: ((signal: NodeJS.Signals) => void) | undefined
  /** Settles when nothing of it is left. */
  done: Promise<void> = Promise.resolve()

  constructor(guest: Guest, channel: Channel, client: Client) {
    this.#guest = guest
    this.#channel = channel
    this.#client = client
    this.#setup = new Setup(guest.permits)
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
      case 'window-change':
        return this.#resize(fields.number(), fields.number())
      case 'signal':
        return this.#signal(`SIG${fields.text()}`)
      case 'shell':
        return this.#begin({ kind: 'shell' })
      case 'exec':
        return this.#begin({ kind: 'exec', command: Buffer.from(fields.bytes()) })
      case 'subsystem':
        return fields.text() === 'sftp' && this.#begin({ kind: 'sftp' })
      case 'eow@openssh.com':
        return this.#readerLeft()
      default:
        return !this.#isBegun && this.#setup.ask(type, fields)
    }
  }

  #resize(columns: number, rows: number): boolean {
    const size = this.#setup.resize(columns, rows)
    if (size) void this.#fit()
    return size !== undefined
  }

  /** One question of the engine at a time, however many sizes come meanwhile: the last counts. */
  async #fit(): Promise<void> {
    const session = this.#session
    if (this.#isResizing || !session?.resize) return
    this.#isResizing = true
    for (let fitted: object | undefined; fitted !== this.#setup.terminal?.size; ) {
      const { columns, rows } = this.#setup.terminal?.size ?? { columns: 80, rows: 24 }
      fitted = this.#setup.terminal?.size
      await session.resize(columns, rows).catch(() => undefined)
    }
    this.#isResizing = false
  }

  #signal(name: string): boolean {
    if (!this.#isBegun || !isSignal(name)) return false
    if (this.#take) this.#take(name)
    else if (this.#early.length < 16) this.#early.push(name)
    return true
  }

  /** Nobody reads the output any more. Who writes hears of it, as by a pipe. */
  #readerLeft(): boolean {
    this.#channel.output.destroy(closedChannel())
    return true
  }

  #begin(wish: Wish): boolean {
    if (this.#isBegun) return false
    this.#isBegun = true
    const { permits, begin } = this.#guest
    this.#over = begin(wish.kind, said(wish, permits))
    const meant = meantBy(wish, permits)
    if (meant.kind === 'files') this.done = this.#runFiles()
    else {
      const { terminal } = this.#setup
      const env = [...this.#variables(), ...meant.env]
      this.done = this.#run({ env, ...(meant.command && { command: meant.command }), ...(terminal && { terminal }) })
    }
    return true
  }

  async #runFiles(): Promise<void> {
    const { container } = this.#guest
    try {
      // From beside before its own: that runs nothing of the container's, and has more of OpenSSH's extensions than most.
      if (await serveFiles(await container.files(), this.#channel)) this.#finish({ code: 0 })
      else this.#lost((await container.hasEnded()) ? 'it has ended' : 'the server of its files has ended')
    } catch (error) {
      if (!(error instanceof NotBegun)) return this.#fail(error)
      await this.#run({ command: Buffer.from(ownServer), env: this.#variables() }, noFiles(container.name, error))
    }
  }

  /** @param missing why it is, where the command is not there */
  async #run(asked: Asked, missing?: DockerBashError): Promise<void> {
    const abort = new AbortController()
    const hungUp = this.#channel.closed.then((): Ending => ({ signal: 'SIGHUP' }))
    void hungUp.then(() => abort.abort(new DockerBashError('')))
    await this.#client.asked
    // Where none can be made the command has none, as with an sshd.
    const agent = this.#setup.hasAgent ? await this.#client.agent().catch(() => undefined) : undefined
    const env = agent ? [...asked.env, `SSH_AUTH_SOCK=${agent.path}`] : asked.env
    try {
      const session = await this.#guest.container.open({ ...asked, env }, abort.signal)
      this.#session = session
      if (this.#setup.terminal?.size !== asked.terminal?.size) void this.#fit()
      let own: Ending | undefined
      void session.ended.then((ending) => (own = ending)).catch(() => undefined)
      const { input: stdin, output: stdout, errors: stderr } = this.#channel
      const ending = await attach(session, { stdin, stdout, stderr }, (take) => this.#hear(take), hungUp)
      await agent?.close()
      // The command's own end is a code, by whatever way it came to us; a signal is how it is given up.
      if (missing && 'code' in ending && ending.code === notThere) this.#fail(missing)
      else await this.#end(ending === own && 'signal' in own ? { code: exitCodeOf(own) } : ending)
    } catch (error) {
      await agent?.close()
      const isMissing = error instanceof DockerBashError && error.code === notThere
      if (abort.signal.aborted) this.#over('the client left before it began')
      else this.#fail((isMissing && missing) || error)
    }
  }

  #hear(take: (signal: NodeJS.Signals) => void): () => void {
    this.#take = take
    for (const signal of this.#early.splice(0)) take(signal)
    return () => {
      this.#take = undefined
    }
  }

  #variables(): string[] {
    return this.#setup.variables(this.#guest.container.login, this.#guest.ends)
  }

  async #end(ending: Ending): Promise<void> {
    const { container } = this.#guest
    const isKilled = 'code' in ending && ending.code === killed
    if ('lost' in ending) this.#lost(ending.lost)
    else if (!isKilled || !(await container.hasEnded())) this.#finish(ending)
    else this.#fail(new DockerBashError(`lost ${container.name}: it has ended`), { lost: 'it has ended' })
  }

  #lost(why: string): void {
    this.#fail(toldOfLoss(this.#guest, why), { lost: why })
  }

  #finish(ending: Ending): void {
    const channel = this.#channel
    channel.eof()
    const signal = 'signal' in ending ? ending.signal.slice('SIG'.length) : undefined
    if (signal && known.has(signal)) channel.exitSignal(signal)
    else channel.exitStatus(exitCodeOf(ending))
    channel.close()
    this.#over(signal ? `signal ${signal}` : 'lost' in ending ? 'lost' : `exit ${exitCodeOf(ending)}`)
  }

  /** One line of what happened, one of what to do. */
  #fail(error: unknown, ending?: Ending): void {
    const { message, hint, code } = toldTo(this.#guest, error)
    const end = this.#setup.terminal ? '\r\n' : '\n'
    const text = [`docker-bash: ${safe(message)}`, ...(hint ? [`  ${safe(hint)}`] : []), ''].join(end)
    const out = this.#setup.terminal ? this.#channel.output : this.#channel.errors
    out.write(text, () => this.#finish(ending ?? { code }))
  }
}

const isSignal = (name: string): name is NodeJS.Signals => Object.hasOwn(constants.signals, name)
