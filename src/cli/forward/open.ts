import { setTimeout as wait } from 'node:timers/promises'
import { DockerBashError } from '../../lib/errors'
import type { DatagramLimits } from '../../lib/forward/datagrams'
import { type ForwardEvents, forwardAny, forwardIn, forwardOut, type Standing } from '../../lib/forward/forward'
import { Gate, type Look } from '../../lib/forward/gate'
import type { End, Forward } from '../../lib/forward/spec'
import type { Inside } from './inside'
import type { Teller } from './tell'

/** One that listens, of connections or of datagrams. */
export interface Open extends Pick<Standing, 'forward' | 'reach'> {
  readonly gate?: Gate
  close(): void
  /** The container has ended: what that has made worthless is given up. */
  forget?(): void
  /** It runs again. */
  back?(): void
}

/** What one forward is made by. */
export interface Making {
  readonly inside: Inside
  readonly reverse: boolean
  readonly limits: DatagramLimits
  readonly teller: Teller
}

/** @throws DockerBashError when it cannot listen */
export async function openForward(one: Forward, { inside, reverse, limits, teller }: Making): Promise<Open> {
  if (one.udp) {
    const { datagramsIn, datagramsOut } = await import('../../lib/forward/udp')
    return (reverse ? datagramsOut : datagramsIn)(inside, inside, one, teller, limits)
  }
  if (reverse) return closable(await forwardOut(inside, inside, one, teller))
  let gate: Gate | undefined
  const events: ForwardEvents = {
    carried: (forward, carried) => teller.carried(forward, carried),
    joined: (forward, live, over) => teller.joined(forward, live, over),
    refused: (forward, to, why) => {
      teller.refused(forward, to, why)
      void gate?.check()
    },
  }
  const standing = await forwardIn(inside, inside, one, events)
  const { server, forward, reach } = standing
  const { from, to } = forward
  if (from.kind !== 'tcp' || to.kind !== 'tcp' || !reach) return closable(standing)
  const made = new Gate(
    server,
    from,
    () => inside.isListened(to),
    reach,
    (isOpen) => teller.gate(forward, isOpen),
  )
  gate = made
  return { ...standing, gate: made, close: () => made.close(), forget: () => made.shut(), back: () => void made.back() }
}

export async function openProxy(at: End, { inside, teller }: Making): Promise<Open> {
  return closable(await forwardAny(inside, inside, at, teller))
}

function closable(standing: Standing): Open {
  return { ...standing, close: () => void standing.server.close() }
}

/**
 * Waits until the other end accepts.
 * @param look whether somebody listens there, where that can be seen without a connection
 * @throws DockerBashError for UDP, which accepts nothing
 */
export async function accepts(
  { forward, reach, gate }: Open,
  look: (end: End) => ReturnType<Look>,
  abort: AbortSignal,
): Promise<void> {
  if (!reach) {
    const why = forward.udp ? 'nobody accepts datagrams' : 'a proxy leads to many places'
    throw new DockerBashError(`${why}: --wait has nothing to wait for`, { hint: 'forward it without --wait' })
  }
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 500)) {
    if ((await look(forward.to)) === true) break
    const socket = await reach().catch(() => undefined)
    if (socket) {
      socket.on('error', () => undefined).destroy()
      break
    }
    await wait(pause, undefined, { signal: abort })
  }
  await gate?.open()
}
