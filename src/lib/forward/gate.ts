import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { errno } from '../errors'
import type { End } from './spec'

/** Whether somebody listens at the other end; undefined when that is not known. */
export type Look = () => boolean | undefined | Promise<boolean | undefined>

/** How often (ms) the kernel's table is read while nothing listens at the other end. */
const pollMs = 250

/**
 * Refuses where the other end refuses: while nothing listens there, nothing listens here, so that a client's connect
 * fails by itself. TCP accepts before we hear of a client, so that there is no other way; the client that finds it out
 * is reset.
 */
export class Gate {
  readonly #server: Server
  readonly #at: End & { kind: 'tcp' }
  readonly #look: Look
  readonly #reach: () => Promise<Duplex>
  readonly #told: (isOpen: boolean) => void
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  #isClosed = false

  /**
   * @param at where it listens, with its port
   * @param reach connects to it
   */
  constructor(
    server: Server,
    at: End & { kind: 'tcp' },
    look: Look,
    reach: () => Promise<Duplex>,
    told: (isOpen: boolean) => void,
  ) {
    this.#server = server
    this.#at = at
    this.#look = look
    this.#reach = reach
    this.#told = told
  }

  /** Shuts if nothing listens at the other end: by the table, and by a connection, which then bothers nobody. */
  async check(): Promise<void> {
    if (this.#timer || (await this.#look()) !== false) return
    const why = await this.#reach().then(
      (socket) => void socket.destroy(),
      (error: unknown) => errno(error),
    )
    if (why === 'ECONNREFUSED') this.shut()
  }

  /** From here on nothing listens, until something does at the other end. */
  shut(): void {
    if (this.#timer || this.#isClosed) return
    this.#server.close()
    this.#told(false)
    this.#timer = setInterval(() => void this.#poll(), pollMs)
  }

  /** The container runs again: where it cannot be seen whether somebody listens, clients are let in to find out. */
  async back(): Promise<void> {
    if (this.#timer && (await this.#look()) === undefined) this.#open()
  }

  /** Settles when it listens. */
  async open(): Promise<void> {
    if (!this.#timer) return
    await new Promise<void>((listening) => {
      this.#server.once('listening', listening)
      this.#open()
    })
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#timer)
    this.#server.close()
  }

  async #poll(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    const isListened = await this.#look()
    this.#isLooking = false
    if (isListened === true && this.#timer) this.#open()
  }

  #open(): void {
    // Somebody else may have taken the port meanwhile: the next look tries again.
    const failed = () => this.#server.off('listening', opened)
    const opened = () => {
      this.#server.off('error', failed)
      clearInterval(this.#timer)
      this.#timer = undefined
      if (this.#isClosed) return void this.#server.close()
      this.#told(true)
    }
    if (this.#server.listening || this.#isClosed) return
    this.#server.once('error', failed).once('listening', opened)
    this.#server.listen(this.#at.port, this.#at.host)
  }
}
