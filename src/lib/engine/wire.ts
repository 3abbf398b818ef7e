import type { Duplex } from 'node:stream'
import { DockerBashError } from '../errors'
import { AnswerReader, type Head } from './http1'
import type { Stop } from './patience'

/** An engine's answer, its body whole. */
export interface Answer extends Head {
  readonly body: Buffer
}

/** A connection to an engine, of whatever sort; a socket but for ssh. */
export type Connection = Duplex & { ref?(): void; unref?(): void }

export interface Question {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** With the version in front, if any. */
  readonly path: string
  /** Sent as JSON. */
  readonly body?: unknown
  /** Gives the question up. */
  readonly abort?: AbortSignal | undefined
  /** Nobody is told that it takes long: a session is under way. */
  readonly quiet?: boolean
  /** Wants the connection itself for what follows (`Upgrade: tcp`). */
  readonly hijack?: boolean
}

/** Called with each question; what it returns, at its end. @param giveUp ends the wait */
export type Watch = (question: Question, giveUp: (error: DockerBashError) => void) => Stop

/**
 * Questions of an engine, one at a time on each connection, which are kept for the next.
 *
 * The few that every session asks go this way: node:http and docker-modem are ten milliseconds of a first request, most
 * of them compiling what is never needed here.
 */
export class Wire {
  readonly #connect: () => Connection
  readonly #watch: Watch
  readonly #idle: Connection[] = []

  /** @param watch sees how long each question takes */
  constructor(connect: () => Connection, watch: Watch = () => () => undefined) {
    this.#connect = connect
    this.#watch = watch
  }

  /** @throws the connection's error, or Error for what is not an engine's answer */
  async ask(question: Question): Promise<Answer> {
    const { reader, connection } = await this.#exchange(question)
    const { head, body } = reader
    if (reader.keepsAlive && head?.status !== 101) this.#keep(connection)
    else connection.destroy()
    return { status: head?.status ?? 0, headers: head?.headers ?? new Map(), body }
  }

  /** The connection, once the engine has agreed to hand it over; else its answer. What it said since can be read. */
  async hijack(question: Omit<Question, 'hijack'>): Promise<Connection | Answer> {
    const { reader, connection } = await this.#exchange({ ...question, hijack: true })
    const { head, body, rest } = reader
    if (head?.status === 101) {
      // Neither flowing nor paused, as a stream is born: it flows as soon as somebody listens.
      Object.assign(connection, { readableFlowing: null })
      if (rest.length > 0) connection.unshift(rest)
      return connection
    }
    connection.destroy()
    return { status: head?.status ?? 0, headers: head?.headers ?? new Map(), body }
  }

  /** Lets go of the connections that wait. */
  close(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  async #exchange(question: Question): Promise<{ reader: AnswerReader; connection: Connection }> {
    const kept = this.#idle.pop()
    if (!kept) return exchange(this.#fresh(), question, this.#watch)
    kept.ref?.()
    kept.removeAllListeners('close')
    try {
      return await exchange(kept, question, this.#watch)
    } catch (error) {
      // Closed by the engine while it waited: that nothing was done is certain only of what does nothing.
      if (question.method !== 'GET' || question.abort?.aborted || error instanceof DockerBashError) throw error
      return exchange(this.#fresh(), question, this.#watch)
    }
  }

  #fresh(): Connection {
    const connection = this.#connect()
    // While nobody waits for it, its close says enough.
    connection.on('error', () => undefined)
    return connection
  }

  /** It must not keep us alive. */
  #keep(connection: Connection): void {
    connection.unref?.()
    connection.once('close', () => {
      const at = this.#idle.indexOf(connection)
      if (at >= 0) this.#idle.splice(at, 1)
    })
    this.#idle.push(connection)
  }
}

function exchange(
  connection: Connection,
  question: Question,
  watch: Watch,
): Promise<{ reader: AnswerReader; connection: Connection }> {
  const { abort } = question
  const reader = new AnswerReader()
  return new Promise((resolve, reject) => {
    let stop: Stop = () => {}
    const settle = (heard: boolean, then: () => void) => {
      stop(heard)
      connection.off('data', read)
      connection.off('end', ended)
      connection.off('close', ended)
      abort?.removeEventListener('abort', aborted)
      then()
    }
    const fail = (error: unknown) => {
      settle(false, () => reject(error))
      connection.destroy()
    }
    const aborted = () => fail(abort?.reason)
    const read = (bytes: Buffer) => {
      try {
        reader.put(bytes)
      } catch (error) {
        return fail(error)
      }
      if (reader.done) finish()
    }
    const ended = () => {
      try {
        reader.end()
      } catch (error) {
        return fail(error)
      }
      finish()
    }
    const finish = () =>
      settle(true, () => {
        connection.off('error', fail)
        resolve({ reader, connection })
      })
    if (abort?.aborted) return aborted()
    abort?.addEventListener('abort', aborted, { once: true })
    stop = watch(question, fail)
    connection.on('error', fail)
    connection.on('data', read)
    connection.on('end', ended)
    connection.on('close', ended)
    connection.write(textOf(question))
  })
}

function textOf({ method, path, body, hijack }: Question): string {
  const json = body === undefined ? '' : JSON.stringify(body)
  return [
    `${method} ${path} HTTP/1.1`,
    'Host: docker',
    ...(hijack ? ['Connection: Upgrade', 'Upgrade: tcp'] : []),
    ...(body === undefined ? [] : ['Content-Type: application/json']),
    ...(method === 'GET' ? [] : [`Content-Length: ${Buffer.byteLength(json)}`]),
    '',
    json,
  ].join('\r\n')
}
