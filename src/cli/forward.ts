import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { EndpointChoice } from '../lib/engine/endpoint'
import { DockerBashError } from '../lib/errors'
import { type ForwardEvents, forwardAny, forwardIn, forwardOut, type Standing } from '../lib/forward/forward'
import { type End, type Forward, parseForward, parseListener, show } from '../lib/forward/spec'
import { readStat } from '../lib/host/proc'
import type { Target } from '../lib/model'
import { exitCodeOf } from '../lib/session/ending'
import { type Held, SocketMaker } from '../lib/sockets/maker'
import { parseTarget } from '../lib/target/parse'
import { withRuntime } from '../lib/target/runtime'
import { requireRunning } from '../lib/target/state'
import { safe, safeJson } from '../lib/text/escape-controls'
import { untilSignal } from './abort-on-signal'
import { findTarget } from './find-target'
import { say } from './output/errors'
import { print } from './output/print'

export interface ForwardFlags extends EndpointChoice {
  readonly reverse: boolean
  readonly dynamic?: readonly string[] | undefined
  readonly json: boolean
}

/**
 * Listens until a signal, or as long as a command runs.
 * @param words TARGET, and what is to be forwarded
 * @returns the exit code
 */
export async function forward(words: readonly string[], command: readonly string[], flags: ForwardFlags) {
  const [word, ...texts] = words
  if (word === undefined) throw new DockerBashError('no TARGET', { hint: 'docker-bash ls shows what runs' })
  const asked = texts.map(parseForward)
  const proxies = (flags.dynamic ?? []).map(parseListener)
  if (asked.length + proxies.length === 0) {
    throw new DockerBashError('nothing is to be forwarded', {
      hint: `for a port of it: docker-bash forward ${word} 8080:80`,
    })
  }
  const { target } = await findTarget(parseTarget(word), flags, { word })
  const held = heldOf(target)
  const isPath = ({ kind, path }: { kind: string; path?: string }) => kind === 'unix' && !path?.startsWith('@')
  const maker = await SocketMaker.start(
    held,
    asked.some(({ from, to }) => isPath(flags.reverse ? from : to)),
  )
  const teller = new Teller(held.name, flags)
  const standing: Standing[] = []
  try {
    const make = flags.reverse ? forwardOut : forwardIn
    for (const one of asked) await teller.listens(await kept(standing, make(maker, held, one, teller)))
    for (const one of proxies) await teller.listens(await kept(standing, forwardAny(maker, held, one, teller)))
    if (command.length > 0) return await during(command)
    return await untilSignalOrEnd(maker, held.name)
  } finally {
    for (const { server } of standing) server.close()
    await maker.close()
  }
}

async function kept(all: Standing[], made: Promise<Standing>): Promise<Standing> {
  const one = await made
  all.push(one)
  return one
}

/** @throws DockerBashError unless its namespaces are ours to enter */
function heldOf(found: Target): Held {
  requireRunning(found)
  const { name, pid, onHost, local, foreign } = withRuntime(found)
  const start = readStat(pid)?.start
  if (onHost.looked && onHost.found.certain && start !== undefined) return { name, pid, start }
  const because = local ? 'that takes root on this host' : (foreign ?? 'its engine is not on this host')
  throw new DockerBashError(`the network of ${name} cannot be entered: ${because}`, {
    hint: `as root on the engine’s host: sudo docker-bash forward ${name} …`,
  })
}

async function untilSignalOrEnd(maker: SocketMaker, name: string): Promise<number> {
  let isOver = false
  await untilSignal(async (signal) => {
    const stopped = new Promise<void>((settle) => signal.addEventListener('abort', () => settle(), { once: true }))
    await Promise.race([stopped, maker.over.then(() => (isOver = true))])
  })
  if (!isOver) return 0
  say(`lost ${name}: it has ended`)
  return 255
}

/** Runs a command of this host's with our own streams. @returns its exit code, 128 and the number of its signal */
function during([program = '', ...words]: readonly string[]): Promise<number> {
  return new Promise((settle, reject) => {
    const child = spawn(program, words, { stdio: 'inherit' })
    // A terminal sends them to both of us, and the command decides; what is sent to us alone is handed on.
    const signals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const
    const hear = (name: NodeJS.Signals) => void ((name === 'SIGTERM' || name === 'SIGHUP') && child.kill(name))
    for (const name of signals) process.on(name, hear)
    child.once('error', (cause) => {
      const isMissing = 'code' in cause && cause.code === 'ENOENT'
      reject(
        new DockerBashError(
          `${program} cannot be run here: ${isMissing ? 'there is no such command' : cause.message}`,
          {
            hint: 'behind -- stands a command of this host’s',
            code: isMissing ? 127 : 126,
            cause,
          },
        ),
      )
    })
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, hear)
      settle(exitCodeOf(signal ? { signal } : { code: code ?? 128 + constants.signals.SIGKILL }))
    })
  })
}

/** Says what listens, on stdout, and what went wrong, on stderr; or all of it as lines of JSON. */
class Teller implements ForwardEvents {
  readonly #name: string
  readonly #isReverse: boolean
  readonly #json: boolean

  constructor(name: string, { reverse, json }: ForwardFlags) {
    this.#name = name
    this.#isReverse = reverse
    this.#json = json
  }

  async listens({ forward: { from, to } }: Standing): Promise<void> {
    if (this.#json) return this.#tell('listens', { from: this.#there(from), to: this.#far(to) })
    await print(`${safe(this.#there(from))} -> ${safe(this.#far(to))}\n`)
  }

  carried({ from, to }: Forward, bytes: { out: number; back: number }): void {
    if (this.#json) void this.#tell('carried', { from: this.#there(from), to: this.#far(to), ...bytes })
  }

  refused({ from }: Forward, to: End, why: string): void {
    if (this.#json) void this.#tell('refused', { from: this.#there(from), to: this.#far(to), because: why })
    else say(`${this.#there(from)}: a connection to ${this.#far(to)} failed: ${why}`)
  }

  #tell(event: string, what: object): Promise<void> {
    return print(`${safeJson({ event, ...what })}\n`)
  }

  #there(end: End): string {
    return this.#isReverse ? `${this.#name}:${show(end)}` : show(end)
  }

  #far(end: End): string {
    if (end.kind === 'tcp' && end.host === '*') return `${this.#name}: wherever SOCKS is asked for`
    return this.#isReverse ? show(end) : `${this.#name}:${show(end)}`
  }
}
