import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { type DatagramLimits, usualLimits } from '../../lib/forward/datagrams'
import { forwardAny, forwardIn, forwardOut, type Standing } from '../../lib/forward/forward'
import { type End, type Forward, parseForward, parseListener } from '../../lib/forward/spec'
import { parseDuration } from '../../lib/text/duration'
import { untilSignal } from '../abort-on-signal'
import { say } from '../output/errors'
import { during } from './during'
import { Inside } from './inside'
import { Teller } from './tell'

export interface ForwardFlags extends EndpointChoice {
  readonly reverse: boolean
  readonly dynamic?: readonly string[] | undefined
  readonly json: boolean
  readonly udp: boolean
  readonly idle?: string | undefined
}

/** What was asked for. */
interface Asked {
  readonly forwards: readonly Forward[]
  readonly proxies: readonly End[]
  readonly limits: DatagramLimits
}

/** One that listens, of connections or of datagrams. */
interface Open extends Pick<Standing, 'forward' | 'reach'> {
  close(): void
  /** What the end of the container has made worthless is given up. */
  forget?(): void
}

/**
 * Listens until a signal, or as long as a command runs.
 * @param words TARGET, and what is to be forwarded
 * @returns the exit code
 */
export async function forward(words: readonly string[], command: readonly string[], flags: ForwardFlags) {
  const [word, ...texts] = words
  if (word === undefined) throw new DockerBashError('no TARGET', { hint: 'docker-bash ls shows what runs' })
  const asked = read(word, texts, flags)
  const inside = await Inside.reach(word, flags, meansFiles(asked, flags.reverse))
  const teller = new Teller(inside.name, flags)
  const all: Open[] = []
  try {
    for (const one of asked.forwards)
      await teller.listens((await kept(all, made(inside, one, asked, flags, teller))).forward)
    for (const at of asked.proxies) await teller.listens((await kept(all, proxied(inside, at, teller))).forward)
    if (command.length > 0) return await during(command, teller.broken.signal)
    return await untilSignalOrEnd(inside, teller)
  } finally {
    for (const one of all) one.close()
    await inside.close()
    await teller.idle
    teller.broken.signal.throwIfAborted()
  }
}

/** @throws DockerBashError for what cannot be read, before anything is begun */
function read(word: string, texts: readonly string[], { dynamic, udp, idle }: ForwardFlags): Asked {
  const forwards = texts.map((text) => parseForward(text, udp))
  const proxies = (dynamic ?? []).map(parseListener)
  if (forwards.length + proxies.length === 0) {
    throw new DockerBashError('nothing is to be forwarded', {
      hint: `for a port of it: docker-bash forward ${word} 8080:80`,
    })
  }
  const idleMs = idle === undefined ? usualLimits.idleMs : parseDuration(idle, '--idle')
  return { forwards, proxies, limits: { ...usualLimits, idleMs } }
}

function meansFiles({ forwards }: Asked, isReverse: boolean): boolean {
  const isPath = (end: End) => end.kind === 'unix' && !end.path.startsWith('@')
  return forwards.some(({ from, to }) => isPath(isReverse ? from : to))
}

async function made(
  inside: Inside,
  one: Forward,
  { limits }: Asked,
  { reverse }: ForwardFlags,
  teller: Teller,
): Promise<Open> {
  if (one.udp) {
    const { datagramsIn, datagramsOut } = await import('../../lib/forward/udp')
    return (reverse ? datagramsOut : datagramsIn)(inside, inside, one, teller, limits)
  }
  return closable(await (reverse ? forwardOut : forwardIn)(inside, inside, one, teller))
}

async function proxied(inside: Inside, at: End, teller: Teller): Promise<Open> {
  return closable(await forwardAny(inside, inside, at, teller))
}

function closable(standing: Standing): Open {
  return { ...standing, close: () => void standing.server.close() }
}

async function kept(all: Open[], opened: Promise<Open>): Promise<Open> {
  const one = await opened
  all.push(one)
  return one
}

async function untilSignalOrEnd(inside: Inside, { broken }: Teller): Promise<number> {
  let isOver = false
  await untilSignal(async (signal) => {
    const stopped = new Promise<void>((settle) => {
      for (const one of [signal, broken.signal]) one.addEventListener('abort', () => settle(), { once: true })
    })
    await Promise.race([stopped, inside.over.then(() => (isOver = true))])
  })
  if (!isOver) return 0
  say(`lost ${inside.name}: it has ended`)
  return 255
}
