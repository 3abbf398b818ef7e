import { monotonic } from '../lib/clock'
import type { Order } from '../lib/engine/cleanup'
import { inspectContainer, pauseContainer } from '../lib/engine/containers'
import type { Endpoint } from '../lib/engine/endpoint'
import { connect, type Engine, statusOf } from '../lib/engine/engine'
import { removeContainer } from '../lib/engine/remove'
import { sweepVolumes } from '../lib/engine/sweep'

/** How long (ms) an engine may be away: it was killed, perhaps, and is started again. */
const patienceMs = 10 * 60_000
/** How long (ms) after its first answer what we asked for last may still be on its way. */
const lateMs = 10_000

/** The program that `lib/engine/cleanup.ts` starts when we are gone. $1: the engine and what is to be done. */
async function main(text: string): Promise<void> {
  const { endpoint, order } = JSON.parse(text) as { endpoint: Endpoint; order: Order }
  const from = monotonic()
  let answered: number | undefined
  for (let wait = 200; monotonic() - from < patienceMs; wait = Math.min(wait * 1.5, 10_000)) {
    try {
      const engine = await connect(endpoint)
      if (await ('remove' in order ? removed(engine, order.remove) : pausedAgain(engine, order.pause))) return
      answered ??= monotonic()
      if (monotonic() - answered > lateMs) return
    } catch {
      // It refused, or does not answer: it may later.
    }
    await rest(answered === undefined ? wait : 200)
  }
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function removed(engine: Engine, name: string): Promise<boolean> {
  const was = await removeContainer(engine, name)
  await sweepVolumes(engine)
  return was
}

async function pausedAgain(engine: Engine, id: string): Promise<boolean> {
  await pauseContainer(engine, id).catch(() => undefined)
  await rest(500)
  try {
    const { State } = await inspectContainer(engine, id)
    return State.Paused || !State.Running
  } catch (error) {
    if (statusOf(error) === 404) return true
    throw error
  }
}

main(process.argv[2] ?? '').then(
  () => process.exit(0),
  () => process.exit(1),
)
