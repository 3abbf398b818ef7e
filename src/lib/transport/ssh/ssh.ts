import type { Engine } from '../../engine/engine'
import { needsShell } from '../../inside/argv'
import type { Plan, Request, Target, Transport, Verdict } from '../../model'
import { quoteAll } from '../../text/quote'
import type { Surroundings } from '../shared/deps'

/** A login to the container's own sshd, with what a login lacks: the container's environment, and an end with us. */
export function sshTransport(engine: Engine, around: Surroundings): Transport {
  return {
    name: 'ssh',
    judge,
    open: async (plan: Plan, abort: AbortSignal) => {
      // ssh2 is large; whoever goes another way never loads it.
      const { SshOpening } = await import('./opening')
      return new SshOpening(engine, around, plan, abort).open()
    },
  }
}

/** Linux takes no single word of 128 KiB, and a login's command is one. */
const longest = 128 * 1024 - 4096

function judge(target: Target, request: Request): Verdict {
  const verdict = (fits: boolean, because: string, remedy?: string): Verdict => ({
    transport: 'ssh',
    fits,
    because,
    costs: costsOf(target),
    ...(remedy && { remedy }),
  })
  if (target.state !== 'running') return verdict(false, `the container is ${target.state}`)
  const install = `docker-bash key install ${target.name}`
  const { sshd } = target
  if (!sshd) return verdict(false, 'no key of yours is enrolled', install)
  if (sshd.refusal !== undefined) return verdict(false, sshd.refusal, sshd.remedy)
  const road = sshd.roads.at(-1)
  const before = sshd.roads.slice(0, -1).map((one) => `${one.name}${one.where && ` ${one.where}`}: ${one.refusal}`)
  const where = road?.name === 'exec' ? `${road.where} over an exec` : `its sshd at ${road?.where}`
  const by = before.length > 0 ? `${where} (${before.join('; ')})` : where
  if (sshd.enrolled.length === 0 && request.via !== 'ssh')
    return verdict(false, `${by} answers, but no key of yours is enrolled`, install)
  if (needsShell(request) && target.shells?.length === 0) return verdict(false, 'there is no shell in the container')
  const words = [...request.command, request.script ?? '', ...target.env, ...request.env]
  if (Buffer.byteLength(quoteAll(words)) > longest) {
    return verdict(false, 'a login takes no command as long as this', `docker-bash --via exec ${target.name}`)
  }
  const key = sshd.enrolled.length > 0 ? `, with ${sshd.enrolled.join(', ')}` : ''
  return verdict(true, `${by}${key}`)
}

function costsOf({ sshd }: Target): string[] {
  const exec = sshd?.roads.at(-1)?.name === 'exec'
  return [
    'as confined as sshd is, not as exec: its PAM, its limits, its log',
    exec ? 'an exec carries it; slower to start' : 'not in the engine’s events',
  ]
}
