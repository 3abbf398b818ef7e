import type { Engine } from '../engine/engine'
import type { Transport } from '../model'
import { execTransport } from './exec/exec'
import { sshTransport } from './ssh/ssh'
import type { Surroundings } from './surroundings'
import { unbuilt } from './unbuilt'

/** All transports, in the order in which `--via auto` takes the first that fits. */
export function transports(engine: Engine, around: Surroundings): readonly Transport[] {
  return [
    sshTransport(engine, around),
    unbuilt('runc'),
    execTransport(engine, around),
    unbuilt('nsenter'),
    unbuilt('debug'),
  ]
}
