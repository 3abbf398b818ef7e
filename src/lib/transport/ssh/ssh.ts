import type { Engine } from '../../engine/engine'
import type { Judge, Plan, Probed, Request, Sshd, Transport, Verdict } from '../../model'
import { quoteAll } from '../../text/quote'
import { type Precondition, preconditions, type Refusal, runs, shellIfNeeded, verdictOf } from '../shared/preconditions'
import type { SshDeps } from './deps'

export const sshJudge: Judge = { name: 'ssh', judge }

/** A login to the container's own sshd, with what a login lacks: the container's environment, and an end with us. */
export function sshTransport(engine: Engine, deps: SshDeps): Transport {
  return {
    ...sshJudge,
    open: async (plan: Plan, abort: AbortSignal) => {
      // ssh2 is large; whoever goes another way never loads it.
      const { SshOpening } = await import('./opening')
      return new SshOpening(engine, deps, plan, abort).open()
    },
  }
}

/** Linux takes no single word of 128 KiB, and a login's command is one. */
const longest = 128 * 1024 - 4096

function judge(target: Probed, request: Request): Verdict {
  const verdict = (outcome: Refusal | string) => verdictOf('ssh', costsOf(target), outcome)
  const stopped = preconditions(target, request, [runs])
  if (stopped) return verdict(stopped)
  const remedy = `docker-bash key install ${target.name}`
  if (!target.sshd.looked) return verdict({ because: 'no key of yours is enrolled', remedy })
  const { refusal, remedy: mends, enrolled, roads } = target.sshd.found
  if (refusal !== undefined) return verdict({ because: refusal, ...(mends && { remedy: mends }) })
  const by = roadWords(roads)
  if (enrolled.length === 0 && request.via !== 'ssh')
    return verdict({ because: `${by} answers, but no key of yours is enrolled`, remedy })
  const key = enrolled.length > 0 ? `, with ${enrolled.join(', ')}` : ''
  return verdict(preconditions(target, request, [shellIfNeeded, shortEnough]) ?? `${by}${key}`)
}

/** The one that leads there, and why those before it do not. */
function roadWords(roads: Sshd['roads']): string {
  const road = roads.at(-1)
  const before = roads.slice(0, -1).map((one) => `${one.name}${one.where && ` ${one.where}`}: ${one.refusal}`)
  const where = road?.name === 'exec' ? `${road.where} over an exec` : `its sshd at ${road?.where}`
  return before.length > 0 ? `${where} (${before.join('; ')})` : where
}

const shortEnough: Precondition = ({ name, env }, request) => {
  const words = [...request.command, request.script ?? '', ...env, ...request.env]
  return Buffer.byteLength(quoteAll(words)) > longest
    ? { because: 'a login takes no command as long as this', remedy: `docker-bash --via exec ${name}` }
    : undefined
}

function costsOf({ sshd }: Probed): string[] {
  const exec = sshd.looked && sshd.found.roads.at(-1)?.name === 'exec'
  return [
    'as confined as sshd is, not as exec: its PAM, its limits, its log',
    exec ? 'an exec carries it; slower to start' : 'not in the engine’s events',
  ]
}
