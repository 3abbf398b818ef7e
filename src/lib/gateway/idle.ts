import type { Speaker, Wire } from '../ssh/server/mended'

/** Messages by which something goes: a channel opened, its data, a request of it. Keep-alives are none. */
const lively = new Set([90, 94, 98])

/**
 * Watches what goes by a connection.
 * @param idleMs after so long without any of it, in milliseconds, `ended` is called; undefined: never
 */
export function watched(wire: Wire, idleMs: number | undefined, ended: () => void) {
  if (idleMs === undefined) return { wire, speaker: (made: Speaker) => made, stop: () => undefined }
  const timer = setTimeout(ended, idleMs)
  timer.unref()
  const through: Wire = {
    send: (verb, ...words) => {
      if (verb === 'channelData' || verb === 'channelExtData') timer.refresh()
      wire.send(verb, ...words)
    },
    get isFull() {
      return wire.isFull
    },
  }
  const speaker = (made: Speaker): Speaker => ({
    take: (message) => {
      if (lively.has(message[0] ?? 0)) timer.refresh()
      made.take(message)
    },
    room: () => made.room(),
  })
  return { wire: through, speaker, stop: () => clearTimeout(timer) }
}
