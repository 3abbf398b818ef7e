import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { CarriedStream } from '../sockets/carried-stream'
import { handOn, isFresh } from './block-socket'

/** In bytes: what went from the one who connected, and what came back. */
export interface Carried {
  readonly out: number
  readonly back: number
}

/**
 * Joins two connections until both ways have ended. An end of one way is handed on by itself (half-close), a reset as a
 * reset; who reads slowly is waited for. Neither is of use to anybody else any more.
 * @param client the one that was accepted
 * @param joined is given what says how much it is up to now
 * @param failed hears why one of them broke
 */
export function relay(
  client: Duplex,
  server: Duplex,
  joined?: (live: () => Carried, over: Promise<unknown>) => void,
  failed?: (error: Error) => void,
): Promise<Carried> {
  const handed = handedOn(client, server)
  const [from, to] = handed ?? [client, server]
  for (const socket of [from, to]) if (socket instanceof Socket) socket.setNoDelay(true)
  const counts = [counted(from), counted(to)] as const
  const carried = () => ({ out: counts[0](), back: counts[1]() })
  const over = new Promise<Carried>((settle) => {
    let open = 2
    const closed = () => {
      if (--open === 0) settle(carried())
    }
    const broken = (other: Duplex) => (error: Error) => {
      failed?.(error)
      reset(other)
    }
    from.once('close', closed).on('error', broken(to))
    to.once('close', closed).on('error', broken(from))
    if (handed) return
    from.pipe(to)
    to.pipe(from)
  })
  joined?.(carried, over)
  return over
}

/** The same two, each of which gets all that comes by the other one, where that goes without a copy. */
function handedOn(client: Duplex, server: Duplex): readonly [Socket, Socket] | undefined {
  if (!isFresh(client) || !isFresh(server)) return undefined
  const ends: readonly [Socket, Socket] = [handOn(client, () => ends[1]), handOn(server, () => ends[0])]
  return ends
}

/** Ends it so that the other side sees no end but a failure, where its kind can tell them apart. */
export function reset(socket: Duplex): void {
  // While its end is being sent libuv refuses, and Node would never close it.
  const isEnding = socket.writableEnded && !socket.writableFinished
  if (socket instanceof CarriedStream || (socket instanceof Socket && socket.remoteFamily !== undefined && !isEnding))
    socket.resetAndDestroy()
  else socket.destroy()
}

/** How many bytes came from it up to now. */
function counted(stream: Duplex): () => number {
  if (stream instanceof Socket) return () => stream.bytesRead
  let count = 0
  stream.on('data', (chunk: Buffer) => (count += chunk.length))
  stream.pause()
  return () => count
}
