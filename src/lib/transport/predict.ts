import type { Settings } from '../config/settings'
import type { Engine } from '../engine/engine'
import { supervised } from '../host/shim-containers'
import type { TransportName } from '../model'
import { enrolments } from '../ssh/enrolment'
import type { Listed } from '../target/container-list'

/** Whoever enters the container says it. */
const noMatter = () => {}

/**
 * The way in that a session would most likely take, told by what is at hand here: the user's setting, keys enrolled,
 * what this host holds. No container is asked; `explain` is the one that looks.
 */
export function likelyWay(engine: Engine, set: Settings): (listed: Pick<Listed, 'id' | 'state'>) => TransportName {
  const enrolled = new Set(enrolments(noMatter).map(({ id }) => id))
  const held = engine.local && process.getuid?.() === 0 ? supervised() : undefined
  const preferred = set.via?.value
  return ({ id, state }) => {
    if (state !== 'running') return 'debug'
    if (preferred && preferred !== 'auto') return preferred
    if (enrolled.has(id)) return 'ssh'
    return held?.has(id) ? 'runc' : 'exec'
  }
}
