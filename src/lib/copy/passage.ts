import { block, type Handle, type SftpClient } from '../sftp/client'
import { type Likeness, type Sent, type Small, sendSmall, takeSmall } from '../sftp/small-files'
import type { Tally } from './tally'

/** How much of a file is copied at once, in bytes: after each, whoever looks on is told. */
const stride = 32 * 1024 * 1024

/** Takes the bytes of files from one server to another that it is joined to. */
export class Passage {
  readonly #from: SftpClient
  readonly #to: SftpClient
  readonly #tally: Tally
  readonly #abort: AbortSignal

  constructor(from: SftpClient, to: SftpClient, tally: Tally, abort: AbortSignal) {
    this.#from = from
    this.#to = to
    this.#tally = tally
    this.#abort = abort
  }

  /** @param size as it was when it was looked at, in bytes */
  take(from: Handle, to: Handle, size: number): Promise<void> {
    return size > block ? this.#passed(from, to) : this.#carried(from, to, size)
  }

  /** The next small files of a folder, into another one. @returns what was sent, and what becomes of that */
  small(from: Handle, { bare, few }: { bare: boolean; few: number }, into: Handle, batch: number, like: Likeness) {
    const sent: Promise<Sent> = sendSmall(this.#from, from, bare, few)
    const made: Promise<Small> = takeSmall(this.#to, into, batch, like)
    made.catch(() => undefined)
    return { sent, made }
  }

  /** Through us: a small one. */
  async #carried(from: Handle, to: Handle, size: number): Promise<void> {
    for (let at = 0; ; ) {
      const bytes = await this.#from.read(from, at)
      if (!bytes) return
      await this.#to.write(to, at, bytes)
      at += bytes.length
      this.#tally.bytes += bytes.length
      // Of what has no size (in /proc) the end is asked for.
      if (size > 0 && at >= size) return
    }
  }

  /** From one open file to the other, within the kernel. */
  async #passed(from: Handle, to: Handle): Promise<void> {
    const [client, tally] = [this.#to, this.#tally]
    // Both at once: what goes from one to the other is taken in the order in which it is given.
    const giving = this.#from.give(from)
    const taking = client.take()
    taking.catch(() => undefined)
    await giving
    const source = await taking
    try {
      for (let at = 0; ; ) {
        this.#abort.throwIfAborted()
        const came = await client.copy(source, to, at, stride)
        tally.bytes += came - at
        if (came < at + stride) {
          // A hole at its end.
          await client.setFolderStat(to, { size: came })
          return
        }
        at = came
      }
    } finally {
      client.close(source).catch(() => undefined)
    }
  }
}
