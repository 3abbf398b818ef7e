import type { Socket } from 'node:net'

/** In bytes: what went from the one who connected, and what came back. */
export interface Carried {
  readonly out: number
  readonly back: number
}

/**
 * Joins two connections until both ways have ended. An end of one way is handed on by itself (half-close), a reset as a
 * reset; who reads slowly is waited for.
 * @param from the one that was accepted
 */
export function relay(from: Socket, to: Socket): Promise<Carried> {
  for (const socket of [from, to]) socket.setNoDelay(true)
  return new Promise((settle) => {
    let open = 2
    const closed = () => {
      if (--open === 0) settle({ out: from.bytesRead, back: to.bytesRead })
    }
    const broken = (other: Socket) => () => {
      reset(other)
    }
    from.once('close', closed).on('error', broken(to))
    to.once('close', closed).on('error', broken(from))
    from.pipe(to)
    to.pipe(from)
  })
}

/** Ends it so that the other side sees no end but a failure, where its kind can tell them apart. */
export function reset(socket: Socket): void {
  if (socket.remoteFamily === undefined) socket.destroy()
  else socket.resetAndDestroy()
}
