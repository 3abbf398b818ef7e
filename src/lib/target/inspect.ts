import { type Engine, refusalOf, statusOf, unreachable } from '../engine/engine'
import { OfEngine } from '../errors'

/** An engine's answer, its failures in the user's terms. */
export async function ask<T>(engine: Engine, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw engineError(engine, error)
  }
}

export function engineError(engine: Engine, error: unknown): unknown {
  if (statusOf(error) === undefined) return unreachable(error, engine.endpoint, process.getuid?.() ?? -1)
  return new OfEngine(`the engine at ${engine.endpoint.host} refused: ${refusalOf(error)}`, {
    hint: 'its log says more: journalctl -u docker',
    cause: error,
  })
}
