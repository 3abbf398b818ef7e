import type { Readable, Writable } from 'node:stream'
import { getSystemErrorMap } from 'node:util'
import { DockerBashError } from '../errors'
import { sweeper } from '../host/force-young-gc'
import { Fields, number, ours, text } from './packet'

/** A refusal of a server's, with the system's error behind it. */
export class SftpError extends Error {
  /** `ENOENT`; undefined when the server did not say. */
  readonly code: string | undefined

  constructor(errno: number, said: string) {
    const [code, message] = getSystemErrorMap().get(-errno) ?? []
    super(message ?? said)
    this.code = code
  }
}

/** The server has gone. */
export class SftpLost extends DockerBashError {
  constructor() {
    super('the program that serves files for docker-bash has ended', {
      hint: 'each file that was copied is whole; dmesg says whether memory was short. Run it again',
    })
  }
}

/** By libuv's number. */
const endOfFile = 4095

interface Waiting {
  readonly settle: (answer: { type: number; fields: Fields }) => void
  readonly reject: (error: Error) => void
}

const initial = 1

/** Packets of SFTP, version 3: requests are sent at once and answered in order, so that whoever asks may ask on. */
export class Requests {
  readonly #out: Writable
  readonly #waiting = new Map<number, Waiting>()
  #count = 0
  #chunks: Buffer[] = []
  #size = 0
  #lost: SftpLost | undefined
  /** Packets of many small files are large, and are made and let go of all the time. */
  readonly #sweep = sweeper()

  constructor(into: Readable, out: Writable) {
    this.#out = out
    into.on('data', (chunk: Buffer) => this.#take(chunk))
    const lost = () => this.#lose()
    into.on('end', lost).on('error', lost).on('close', lost)
    out.on('error', lost)
    into.resume()
    const hello = Buffer.concat([Buffer.from([initial]), number(3), text(ours), text('1')])
    this.#out.write(text(hello))
  }

  /** @throws SftpError for a refusal, SftpLost once the server has gone */
  ask(kind: number, ...fields: readonly Buffer[]): Promise<Fields> {
    return new Promise((settle, reject) => {
      if (this.#lost) return reject(this.#lost)
      const id = this.#count++ >>> 0
      const answered: Waiting['settle'] = ({ type: answer, fields: rest }) => {
        if (answer !== 101) return settle(rest)
        const [code, said] = [rest.number(), rest.text()]
        if (code === 0) return settle(rest)
        // Our servers say the error's number where the language would stand.
        reject(new SftpError(code === 1 ? endOfFile : Number(rest.text().replace('errno-', '')) || 0, said))
      }
      this.#waiting.set(id, { settle: answered, reject })
      const size = fields.reduce((sum, field) => sum + field.length, 5)
      this.#sweep(size)
      this.#out.write(Buffer.concat([number(size), Buffer.from([kind]), number(id), ...fields], size + 4))
    })
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#sweep(chunk.length)
    this.#size += chunk.length
    for (;;) {
      if (this.#size < 4) return
      if ((this.#chunks[0]?.length ?? 0) < 4) this.#chunks = [Buffer.concat(this.#chunks)]
      const size = this.#chunks[0]?.readUInt32BE() ?? 0
      if (this.#size < size + 4) return
      const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks)
      this.#chunks = [all.subarray(size + 4)]
      this.#size -= size + 4
      this.#hear(all.subarray(4, size + 4))
    }
  }

  #hear(packet: Buffer): void {
    const kind = packet[0] ?? 0
    // Its version, which is ours.
    if (kind === 2) return
    const fields = new Fields(packet.subarray(1))
    const id = fields.number()
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    try {
      waiting?.settle({ type: kind, fields })
    } catch (error) {
      waiting?.reject(error as Error)
    }
  }

  #lose(): void {
    this.#lost ??= new SftpLost()
    for (const { reject } of this.#waiting.values()) reject(this.#lost)
    this.#waiting.clear()
  }
}
