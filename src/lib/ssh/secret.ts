import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { inspectContainer } from '../engine/containers'
import type { Engine } from '../engine/engine'
import { createExec, startExec } from '../engine/exec'
import { frames } from '../engine/frames'
import type { Target } from '../model'
import script from './secret.sh'

/** How long the engine may take to put it there, and how long it is waited for when it is taken away (ms). */
const placeMs = 15_000
const removeMs = 2_000

/**
 * A secret that the engine put into a container: a login that reads it back is a login there. Whoever relays a
 * connection to another container cannot show it, and nobody else inside can read it.
 */
export class Secret {
  readonly value: string
  /** Where it is, inside. */
  readonly path: string
  /** The containers whose name its mounts may bear: its own, or the one whose network it joined. */
  readonly names: readonly string[]
  readonly #connection: Duplex

  private constructor(value: string, path: string, names: readonly string[], connection: Duplex) {
    this.value = value
    this.path = path
    this.names = names
    this.#connection = connection
  }

  /** @returns undefined where nothing can be run or written */
  static async place(engine: Engine, { id }: Target, user: string): Promise<Secret | undefined> {
    const value = randomBytes(32).toString('hex')
    const name = `.docker-bash.${randomBytes(16).toString('hex')}`
    const command = ['/bin/sh', '-c', script]
    const joined = networkOf(engine, id)
    joined.catch(() => undefined)
    const exec = await createExec(engine, id, { command, user: '0', workdir: '/', stdin: true })
    const connection = await startExec(engine, exec, false)
    connection.on('error', () => undefined)
    connection.write(`${user}\n${name}\n${value}\n`)
    const path = await firstLine(connection)
    if (!path.endsWith(`/${name}`)) {
      connection.destroy()
      return undefined
    }
    return new Secret(value, path, [id, ...(await joined)], connection)
  }

  /** Takes it away again; our end does that too, however we go. */
  async remove(): Promise<void> {
    if (this.#connection.destroyed) return
    const gone = once(this.#connection, 'close', { signal: AbortSignal.timeout(removeMs) })
    this.#connection.resume()
    this.#connection.end()
    await gone.catch(() => this.#connection.destroy())
  }
}

async function networkOf(engine: Engine, id: string): Promise<string[]> {
  const { HostConfig } = await inspectContainer(engine, id)
  const [kind, other] = (HostConfig.NetworkMode ?? '').split(':')
  return kind === 'container' && other ? [other] : []
}

/** @returns '' when it ends, floods or is late */
function firstLine(connection: Duplex): Promise<string> {
  return new Promise((settle) => {
    let said = ''
    const late = setTimeout(() => settle(''), placeMs)
    const done = (line: string) => {
      clearTimeout(late)
      settle(line)
    }
    const split = frames((source, bytes) => {
      if (source === 'stdout' && said.length < 4096) said += bytes.toString('latin1')
      const end = said.indexOf('\n')
      if (end >= 0) done(said.slice(0, end))
      else if (said.length >= 4096) done('')
    })
    connection.on('data', (chunk: Buffer) => {
      try {
        split(chunk)
      } catch {
        done('')
      }
    })
    connection.once('close', () => done(''))
  })
}
