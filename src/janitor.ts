import type { Endpoint } from './lib/engine/endpoint'
import { connect, type Engine, statusOf } from './lib/engine/engine'
import type { Order } from './lib/engine/janitor'

/** The program that `engine/janitor.ts` starts when we are gone. $1: the engine and what is to be done. */
async function main(text: string): Promise<void> {
  const { endpoint, order } = JSON.parse(text) as { endpoint: Endpoint; order: Order }
  const engine = await connect(endpoint)
  // What we asked for last may still be on its way.
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    if (await ('remove' in order ? removed(engine, order.remove) : pausedAgain(engine, order.pause))) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function removed(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine.docker.getContainer(name).remove({ force: true, v: true })
    return true
  } catch (error) {
    return statusOf(error) !== 404
  }
}

async function pausedAgain(engine: Engine, id: string): Promise<boolean> {
  const container = engine.docker.getContainer(id)
  await container.pause().catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 500))
  const { State } = await container.inspect()
  return State.Paused || !State.Running
}

main(process.argv[2] ?? '').then(
  () => process.exit(0),
  () => process.exit(1),
)
