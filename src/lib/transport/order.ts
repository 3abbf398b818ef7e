import type { Engine } from '../engine/engine'
import type { Transport } from '../model'
import { type ExecSurroundings, execTransport } from './exec/exec'
import { unbuilt } from './unbuilt'

/** All transports, in the order in which `--via auto` takes the first that fits. */
export function transports(engine: Engine, around: ExecSurroundings): readonly Transport[] {
  return [unbuilt('ssh'), unbuilt('runc'), execTransport(engine, around), unbuilt('nsenter'), unbuilt('debug')]
}
