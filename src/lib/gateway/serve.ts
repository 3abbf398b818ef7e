import type { Duplex } from 'node:stream'
import type { Door } from '../ssh/server/authentication'
import { Connection } from '../ssh/server/connection'
import { serveSsh } from '../ssh/server/mended'
import { Forwarding, join } from './forwarding'
import type { Guest } from './guest'
import { watched } from './idle'
import { ServedSession } from './session'

export interface ServeOptions {
  readonly hostKey: string
  readonly door: Door
  /** Whom the door has let in. */
  readonly guest: () => Guest
  /** In milliseconds: a connection by which nothing goes for so long is over. */
  readonly idleMs?: number
}

/**
 * An SSH server for one container, to one client, until the stream or `abort` ends it.
 * @returns once nothing of what was begun is left
 */
export async function serve(
  stream: Duplex,
  { hostKey, door, guest, idleMs }: ServeOptions,
  abort: AbortSignal,
): Promise<void> {
  const sessions = new Set<ServedSession>()
  let forwarding: Forwarding | undefined
  let connection: Connection | undefined
  let isIdle: () => void = () => undefined
  const over = new Promise<void>((settle) => {
    const end = () => settle()
    for (const event of ['end', 'finish', 'close', 'error']) stream.once(event, end)
    abort.addEventListener('abort', end, { once: true })
    if (abort.aborted) end()
    isIdle = end
    void stream.once('close', () => abort.removeEventListener('abort', end))
  })
  let container: Guest['container'] | undefined
  let forget: () => void = () => undefined
  serveSsh(stream, {
    hostKey,
    door,
    speak: (wire) => {
      const welcome = guest()
      container = welcome.container
      const forwards = new Forwarding(welcome)
      forwarding = forwards
      const watch = watched(wire, idleMs, isIdle)
      forget = watch.stop
      const made: Connection = new Connection(watch.wire, {
        session: (channel) => {
          const session = new ServedSession(welcome, channel, {
            asked: made.asked,
            agent: () => forwards.agent(made),
          })
          sessions.add(session)
          void channel.closed.then(() => session.done).then(() => sessions.delete(session))
        },
        connect: (to) => forwards.connect(to),
        join,
        ask: (name, fields) => forwards.ask(name, fields, made),
      })
      connection = made
      return watch.speaker(made)
    },
  })
  await over
  forget()
  connection?.end()
  forwarding?.close()
  await Promise.allSettled(Array.from(sessions, (session) => session.close()))
  await container?.close()
}
