import { monotonic } from '../clock'
import { DockerBashError } from '../errors'
import type { Endpoint } from './endpoint'

/** How long an engine is waited for that says nothing at all, whatever it is asked. */
export interface Patience {
  /** From here on (ms) whoever waits is told, once for an engine. */
  readonly tellMs: number
  /** Then (ms) what waits for it is given up. */
  readonly giveUpMs: number
  /** A line of ours; absent: nothing is said before it is given up. */
  readonly tell?: ((text: string) => void) | undefined
}

/** By ssh a login comes before the first answer. */
const usual = { unix: 30_000, tcp: 30_000, ssh: 60_000 }

/** For an engine there. @param given what is different */
export function patienceWith({ kind }: Endpoint, given: Partial<Patience> = {}): Patience {
  return { tellMs: kind === 'ssh' ? 10_000 : 3000, giveUpMs: usual[kind], ...given }
}

/** What was asked. */
interface Asked {
  readonly method: string
  readonly path: string
  /** Nobody is told that it takes long. */
  readonly quiet?: boolean
}
type GiveUp = (error: DockerBashError) => void
/** Ends the watch. @param heard the engine has answered */
export type Stop = (heard: boolean) => void

/**
 * The waits for one engine. One that hangs (stopped, out of memory, a disk that is not there) takes connections and
 * answers none of them: nothing but the time tells.
 */
export class Waits {
  readonly #endpoint: Endpoint
  readonly #patience: Patience
  #told = false
  /** When it last answered anything: one that is busy with other questions of ours does not hang. */
  #heard = 0

  constructor(endpoint: Endpoint, patience: Patience) {
    this.#endpoint = endpoint
    this.#patience = patience
  }

  /** Watches what has an answer soon. */
  watch(asked: Asked, giveUp: GiveUp): Stop {
    const { tellMs, giveUpMs } = this.#patience
    const from = monotonic()
    const silentFor = () => monotonic() - Math.max(from, this.#heard)
    let timer: NodeJS.Timeout
    /** Calls once the silence is so long (ms). */
    const after = (ms: number, late: () => void) => {
      const left = ms - silentFor()
      // A timer may come a moment early.
      if (left < 1) late()
      else timer = setTimeout(() => after(ms, late), left)
    }
    after(Math.min(tellMs, giveUpMs), () => {
      if (!asked.quiet) this.#tell(asked)
      after(giveUpMs, () => giveUp(this.#silence(asked)))
    })
    return (heard) => {
      clearTimeout(timer)
      if (heard) this.#heard = monotonic()
    }
  }

  /**
   * Watches what may take any time, such as making a container: for as long as the engine answers something else.
   * @param ping asks for a sign of life, by `watch`
   */
  watchLong(ping: () => Promise<unknown>, giveUp: (error: Error) => void): Stop {
    const { tellMs } = this.#patience
    let timer: NodeJS.Timeout
    let over = false
    const next = (ms: number) => {
      timer = setTimeout(() => {
        ping().then(
          () => over || next(4 * tellMs),
          (error: Error) => over || giveUp(error),
        )
      }, ms)
    }
    next(tellMs)
    return () => {
      over = true
      clearTimeout(timer)
    }
  }

  #tell(asked: Asked): void {
    if (this.#told) return
    this.#told = true
    const { host } = this.#endpoint
    const instead = this.#needsNone ? `; needs no engine: ${withoutEngine}` : ''
    this.#patience.tell?.(`waiting for the engine at ${host} (${wantedBy(asked)})${instead}`)
  }

  #silence(asked: Asked): DockerBashError {
    const { host } = this.#endpoint
    const seconds = this.#patience.giveUpMs / 1000
    return new DockerBashError(`the engine at ${host} has not answered for ${seconds} s (${wantedBy(asked)})`, {
      hint: this.#needsNone
        ? `what needs no engine: ${withoutEngine}; ls /run/docker/runtime-runc/moby shows the IDs`
        : 'it hangs, or its host is very busy: systemctl status docker there',
    })
  }

  /** Root on its host gets in by the runtime alone. */
  get #needsNone(): boolean {
    return this.#endpoint.kind === 'unix' && process.platform === 'linux' && process.getuid?.() === 0
  }
}

const withoutEngine = 'docker-bash --via runc FULLID, or --via nsenter FULLID'

/** What a question is about, in words. */
function wantedBy({ method, path }: Asked): string {
  const [where = ''] = path.replace(/^\/v[\d.]+(?=\/)/, '').split('?')
  if (where === '/_ping') return 'a sign of life'
  if (where === '/version' || where === '/info') return 'what it is'
  if (where === '/containers/json') return 'the list of containers'
  const [, kind = '', name = '', rest = ''] = /^\/(\w+)\/([^/]+)(?:\/(\w+))?$/.exec(where) ?? []
  const short = /^[0-9a-f]{64}$/.test(name) ? name.slice(0, 12) : name
  if (kind === 'containers' && method === 'GET' && rest === 'json') return `what it knows of ${short}`
  if (kind === 'containers' && rest === 'exec') return `an exec in ${short}`
  if (kind === 'exec' && rest === 'start') return 'the start of an exec'
  if (kind === 'exec') return 'the state of an exec'
  return `${method} ${where}`
}
