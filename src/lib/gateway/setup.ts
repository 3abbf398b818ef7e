import { Fields } from '../ssh/server/fields'
import type { Ends } from './guest'
import type { Asked } from './meant-request'
import { modeWords } from './modes'
import type { Permits } from './permits'

/** Variables that a client may set; TERM comes with a terminal. */
const accepted = /^(LANG|LC_\w+|COLORTERM|TERM|TERM_PROGRAM|TERM_PROGRAM_VERSION)$/
const mostVariables = 64

const nowhere: Ends = { client: 'UNKNOWN 65535', server: 'UNKNOWN 65535' }

/** What a client asks of a session before it begins: variables, a terminal, its agent. */
export class Setup {
  readonly #permits: Permits
  readonly #env = new Map<string, string>()
  #terminal: NonNullable<Asked['terminal']> | undefined
  #hasAgent = false

  constructor(permits: Permits) {
    this.#permits = permits
  }

  get terminal(): NonNullable<Asked['terminal']> | undefined {
    return this.#terminal
  }

  get hasAgent(): boolean {
    return this.#hasAgent
  }

  /** @returns whether it is granted */
  ask(type: string, fields: Fields): boolean {
    switch (type) {
      case 'env':
        return this.#setVariable(fields.text(), fields.text())
      case 'pty-req':
        return this.#permits.terminal && this.#setTerminal(fields)
      case 'auth-agent-req@openssh.com':
        this.#hasAgent = this.#permits.agent
        return this.#hasAgent
      // X11, flow control, a break.
      default:
        return false
    }
  }

  /** @returns the new size; undefined without a terminal */
  resize(columns: number, rows: number) {
    if (!this.#terminal) return undefined
    const size = sizeOf(columns, rows)
    this.#terminal = { ...this.#terminal, size }
    return size
  }

  /** As sshd has them. By a pipe there is no address at either end: RFC 4253 has no need of one. */
  variables(login: string, { client, server }: Ends = nowhere): string[] {
    return [
      ...(/^\d*$/.test(login) ? [] : [`USER=${login}`, `LOGNAME=${login}`]),
      ...[`SSH_CLIENT=${client} ${server.split(' ')[1]}`, `SSH_CONNECTION=${client} ${server}`],
      // Its own name is the engine's to choose.
      ...(this.#terminal ? ['SSH_TTY=/dev/tty'] : []),
      ...Array.from(this.#env, ([name, value]) => `${name}=${value}`),
    ]
  }

  #setVariable(name: string, value: string): boolean {
    if (!accepted.test(name) || this.#env.size >= mostVariables) return false
    if (value.length > 4096 || value.includes('\0') || value.includes('\ufffd')) return false
    this.#env.set(name, value)
    return true
  }

  #setTerminal(fields: Fields): boolean {
    if (this.#terminal) return false
    const term = fields.text()
    const size = sizeOf(fields.number(), fields.number())
    fields.number()
    fields.number()
    if (/^[\w.+-]{1,64}$/.test(term)) this.#env.set('TERM', term)
    this.#terminal = { size, modes: modeWords(new Fields(fields.bytes())) }
    return true
  }
}

/** What the engine can be given. */
function sizeOf(columns: number, rows: number) {
  const some = (count: number, usual: number) => (count > 0 && count < 32768 ? count : usual)
  return { columns: some(columns, 80), rows: some(rows, 24) }
}
