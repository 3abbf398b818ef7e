import type { EndpointChoice } from '../../lib/engine/endpoint'
import { DockerBashError } from '../../lib/errors'
import { usualLimits } from '../../lib/forward/datagrams'
import type { Needs } from '../../lib/forward/needs'
import { type End, type Forward, parseForward, parseListener } from '../../lib/forward/spec'
import { parseDuration } from '../../lib/text/duration'
import { untilSignal } from '../abort-on-signal'
import { say } from '../output/errors'
import { during } from './during'
import { follow } from './follow'
import { Inside } from './inside'
import { accepts, type Making, type Open, openForward, openProxy } from './open'
import { Teller } from './tell'

export interface ForwardFlags extends EndpointChoice {
  readonly reverse: boolean
  readonly dynamic?: readonly string[] | undefined
  readonly json: boolean
  readonly udp: boolean
  readonly idle?: string | undefined
  readonly wait: boolean
  readonly timeout?: string | undefined
  readonly reconnect: boolean
  readonly background: boolean
  readonly verbose: boolean
}

/** What was asked for; times in ms. */
interface Asked {
  readonly forwards: readonly Forward[]
  readonly proxies: readonly End[]
  readonly idleMs: number
  readonly timeoutMs: number | undefined
}

/**
 * Listens until a signal, or as long as a command runs.
 * @param words TARGET, and what is to be forwarded
 * @returns the exit code
 */
export async function forward(words: readonly string[], command: readonly string[], flags: ForwardFlags) {
  const [word, ...texts] = words
  if (word === undefined) throw new DockerBashError('no TARGET', { hint: 'docker-bash ls shows what runs' })
  const asked = read(word, texts, command, flags)
  if (flags.background) {
    const { background } = await import('./background')
    return background([...wordsOf(flags), word, ...texts], asked.forwards.length + asked.proxies.length, flags.json)
  }
  const inside = await Inside.reach(word, flags, needs(asked, flags.reverse))
  if (flags.verbose) say(inside.how)
  const teller = new Teller(inside.name, { ...flags, alone: command.length === 0 })
  const limits = { ...usualLimits, idleMs: asked.idleMs }
  const making: Making = { inside, reverse: flags.reverse, limits, teller }
  const stop = new AbortController()
  const all: Open[] = []
  try {
    const followed = flags.reconnect ? follow(all, making, stop.signal) : undefined
    followed?.catch(() => undefined)
    const lost = followed ?? inside.over
    let code = 0
    // From the first to the last: one who stops listening to signals loses what the kernel has handed over by then.
    const stopped = await untilSignal(async (abort) => {
      await begin(all, asked, making, flags, abort, lost)
      if (command.length === 0) return untilEnd(inside, teller, lost, abort)
      abort.throwIfAborted()
      // It hears them, too, and what comes from now on is the command's to decide.
      code = await during(command, teller.broken.signal)
    })
    return stopped || code
  } finally {
    stop.abort()
    for (const one of all) one.close()
    await inside.close()
    await teller.close()
    teller.broken.signal.throwIfAborted()
  }
}

/** @throws DockerBashError for what cannot be read, before anything is begun */
function read(word: string, texts: readonly string[], command: readonly string[], flags: ForwardFlags): Asked {
  const forwards = texts.map((text) => parseForward(text, flags.udp))
  const proxies = (flags.dynamic ?? []).map(parseListener)
  if (forwards.length + proxies.length === 0) {
    throw new DockerBashError('nothing is to be forwarded', {
      hint: `for a port of it: docker-bash forward ${word} 8080:80`,
    })
  }
  if (flags.background && command.length > 0) {
    throw new DockerBashError('-f goes to the background, and a COMMAND lasts as long as the forward', {
      hint: 'leave out one of them',
    })
  }
  const ms = (flag: 'idle' | 'timeout') =>
    flags[flag] === undefined ? undefined : parseDuration(flags[flag], `--${flag}`)
  return { forwards, proxies, idleMs: ms('idle') ?? usualLimits.idleMs, timeoutMs: ms('timeout') }
}

/** The flags again, without -f. */
function wordsOf(flags: ForwardFlags): string[] {
  const { dynamic = [], idle, timeout, host, context } = flags
  const alone = (['reverse', 'json', 'udp', 'wait', 'reconnect', 'verbose'] as const).filter((name) => flags[name])
  const given = Object.entries({ idle, timeout, host, context }).filter(([, value]) => value !== undefined)
  return [
    ...alone.map((name) => `--${name}`),
    ...given.map(([name, value]) => `--${name}=${value}`),
    ...dynamic.map((at) => `--dynamic=${at}`),
  ]
}

function needs({ forwards }: Asked, reverse: boolean): Needs {
  const paths = forwards.flatMap(({ from, to }) => {
    const end = reverse ? from : to
    return end.kind === 'unix' ? [end.path] : []
  })
  const files = paths.some((path) => !path.startsWith('@'))
  return { reverse, udp: forwards.some(({ udp }) => udp), unix: paths.length > 0, files }
}

/** Opens all, and says of each that it listens once the other end accepts, if that was asked for. */
async function begin(
  all: Open[],
  { forwards, proxies, timeoutMs }: Asked,
  making: Making,
  flags: ForwardFlags,
  abort: AbortSignal,
  lost: Promise<void>,
): Promise<void> {
  const { inside, teller } = making
  const limit = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
  const given = AbortSignal.any(limit ? [abort, limit] : [abort])
  const ended = lost.then(() => {
    throw new DockerBashError(`lost ${inside.name}: it has ended`, { code: 255 })
  })
  ended.catch(() => undefined)
  const opened = async (made: Promise<Open>) => {
    const one = await made
    all.push(one)
    if (flags.wait) {
      const look = (end: End) => (flags.reverse ? undefined : inside.isListened(end))
      await Promise.race([accepts(one, look, given), ended]).catch((error: unknown) => {
        abort.throwIfAborted()
        if (!limit?.aborted) throw error
        throw new DockerBashError(`${teller.far(one.forward)} did not accept within ${flags.timeout}`, {
          hint: 'a longer time: --timeout 2m; without one it waits as long as the container runs',
        })
      })
    } else await one.gate?.check()
    await teller.listens(one.forward)
  }
  for (const one of forwards) await opened(openForward(one, making))
  for (const at of proxies) await opened(openProxy(at, making))
}

/** @throws DockerBashError when the container has ended */
async function untilEnd(inside: Inside, { broken }: Teller, lost: Promise<void>, abort: AbortSignal): Promise<void> {
  const any = AbortSignal.any([abort, broken.signal])
  const stopped = new Promise<'stopped'>((settle) => {
    if (any.aborted) settle('stopped')
    any.addEventListener('abort', () => settle('stopped'), { once: true })
  })
  if ((await Promise.race([stopped, lost])) === 'stopped') return
  throw new DockerBashError(`lost ${inside.name}: it has ended`, {
    hint: 'with --reconnect it waits and goes on',
    code: 255,
  })
}
