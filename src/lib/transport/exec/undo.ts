import type { Duplex } from 'node:stream'
import { begins, shortly } from '../../session/beginning'
import type { Watching } from './watch'

/** An exec that has begun, half open. */
export interface HalfOpen {
  readonly exec: string
  readonly connection: Duplex
  /** The watchdog, where there is one. */
  readonly watch?: Watching
  /** What runs there is to be seen and ended from here. */
  readonly isSeen: boolean
}

/** Waits for a step of the start. If it does not come, whatever stands there instead of the barrier is ended. */
export async function beginsOrEnds<T>(
  step: Promise<T>,
  abort: AbortSignal,
  name: string,
  { exec, connection, watch, isSeen }: HalfOpen,
): Promise<T> {
  try {
    return await begins(step, abort, name)
  } catch (error) {
    connection.destroy()
    // Not started yet, it has not even heard that we are here.
    if (watch) await shortly(watch.start().then(() => watch.release()))
    if (isSeen) (await import('../../host/unbegun-exec')).endUnbegun(exec)
    throw error
  }
}

/** Ends the barrier instead of letting it go on. With a terminal it does not see that we leave: the watchdog tells it. */
export async function leaveBarrier(connection: Duplex, watch: Watching, pid: number, tty: boolean): Promise<void> {
  if (!tty) {
    connection.destroy()
    return watch.dismiss()
  }
  await shortly(
    (async () => {
      await watch.start()
      await watch.watch(pid)
      await watch.release()
    })(),
  )
  connection.destroy()
}
