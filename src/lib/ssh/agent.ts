import { BaseAgent, type ParsedKey, type SignCallback } from 'ssh2'
import type { DockerBashError } from '../errors'
import { type Candidate, signFailure } from './candidates'

/** Our keys as ssh2's idea of an agent: it asks each one's public half first, and signs only with what is wanted. */
export class Candidates extends BaseAgent {
  readonly #all: readonly Candidate[]
  started = false
  /** The one that was asked to sign last. */
  current: Candidate | undefined
  failure: DockerBashError | undefined

  constructor(all: readonly Candidate[]) {
    super()
    this.#all = all
  }

  get all(): readonly Candidate[] {
    return this.#all
  }

  override getIdentities(take: (error: Error | null | undefined, keys?: Buffer[]) => void): void {
    take(
      null,
      this.#all.map(({ public: half }) => half.blob),
    )
  }

  override sign(key: ParsedKey | Buffer | string, data: Buffer, options: unknown, take?: SignCallback): void {
    const blob = Buffer.isBuffer(key) ? key : typeof key === 'string' ? Buffer.from(key) : key.getPublicSSH()
    const found = this.#all.find(({ public: half }) => half.blob.equals(blob))
    const done = (typeof options === 'function' ? options : take) as SignCallback
    if (!found) {
      done(new Error('no such key'))
      return
    }
    this.current = found
    const hash = typeof options === 'object' && options !== null && 'hash' in options ? String(options.hash ?? '') : ''
    found.sign(data, hash || undefined).then(
      (signature) => done(null, signature),
      (error: unknown) => {
        this.failure ??= signFailure(found.from, error)
        done(this.failure)
      },
    )
  }
}
