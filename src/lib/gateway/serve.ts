import type { Duplex } from 'node:stream'
import { DockerBashError } from '../errors'
import { Connection } from '../ssh/server/connection'
import { serveSsh } from '../ssh/server/mended'
import type { Container } from './container'
import { Forwarding, join } from './forwarding'
import { ServedSession } from './session'

export interface ServeOptions {
  readonly container: Container
  readonly hostKey: string
  /** Why somebody may not come in. */
  readonly refused: (error: unknown) => void
}

/**
 * An SSH server for one container, to one client, until the stream or `abort` ends it.
 * @returns once nothing of what was begun is left
 */
export async function serve(
  stream: Duplex,
  { container, hostKey, refused }: ServeOptions,
  abort: AbortSignal,
): Promise<void> {
  const sessions = new Set<ServedSession>()
  const forwarding = new Forwarding(container)
  let connection: Connection | undefined
  const over = new Promise<void>((settle) => {
    const end = () => settle()
    for (const event of ['end', 'finish', 'close', 'error']) stream.once(event, end)
    abort.addEventListener('abort', end, { once: true })
    if (abort.aborted) end()
  })
  serveSsh(stream, {
    hostKey,
    admit: async (user) => {
      try {
        await container.become(user)
        return true
      } catch (error) {
        refused(error instanceof DockerBashError ? error : new DockerBashError(String(error)))
        return false
      }
    },
    speak: (wire) => {
      const made: Connection = new Connection(wire, {
        session: (channel) => {
          const session = new ServedSession(container, channel, {
            asked: made.asked,
            agent: () => forwarding.agent(made),
          })
          sessions.add(session)
          void channel.closed.then(() => session.done).then(() => sessions.delete(session))
        },
        connect: (to) => forwarding.connect(to),
        join,
        ask: (name, fields) => forwarding.ask(name, fields, made),
      })
      connection = made
      return made
    },
  })
  await over
  connection?.end()
  forwarding.close()
  await Promise.allSettled(Array.from(sessions, (session) => session.close()))
  await container.close()
}
