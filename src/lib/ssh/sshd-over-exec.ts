import { Duplex } from 'node:stream'
import type { Engine } from '../engine/engine'
import { createExec, startExec } from '../engine/exec'
import { frames } from '../engine/frames'
import script from './sshd-over-exec.sh'

/**
 * An SSH server of one connection, started inside by the engine and spoken to over the exec's streams: no network, no
 * published port, no running sshd. It ends with the connection, as sshd does when its client goes.
 */
export async function carried(engine: Engine, container: string, program: string, port: number): Promise<Carrier> {
  const id = await createExec(engine, container, {
    command: ['/bin/sh', '-c', script, 'sh', program, String(port)],
    user: '0',
    workdir: '/',
    stdin: true,
  })
  return new Carrier(await startExec(engine, id, false))
}

/** The exec's connection without its frames. What sshd says on stderr is its log; the last lines of it are kept. */
export class Carrier extends Duplex {
  readonly #connection: Duplex
  readonly #log: string[] = []

  constructor(connection: Duplex) {
    super({ readableHighWaterMark: 4 * 1024 * 1024 })
    this.#connection = connection
    const split = frames((source, bytes) => {
      // Never paused: an engine drops what is not read. What is on its way is bounded by the channels' windows.
      if (source === 'stdout') this.push(bytes)
      else this.#note(bytes)
    })
    connection.on('data', (chunk: Buffer) => {
      try {
        split(chunk)
      } catch (error) {
        this.destroy(error instanceof Error ? error : undefined)
      }
    })
    connection.once('end', () => this.push(null))
    connection.once('error', (error) => this.destroy(error))
    connection.once('close', () => this.destroy())
  }

  /** The last thing sshd said of itself. */
  get log(): string {
    return this.#log.at(-1) ?? ''
  }

  ref(): this {
    if ('ref' in this.#connection && typeof this.#connection.ref === 'function') this.#connection.ref()
    return this
  }

  unref(): this {
    if ('unref' in this.#connection && typeof this.#connection.unref === 'function') this.#connection.unref()
    return this
  }

  #note(bytes: Buffer): void {
    const lines = bytes.toString().split(/\r?\n/).filter(Boolean)
    this.#log.push(...lines.slice(-5).map((line) => line.slice(0, 300)))
    if (this.#log.length > 20) this.#log.splice(0, this.#log.length - 20)
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection.write(chunk, (error) => done(error))
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.destroy()
    done(error)
  }
}
