import type { Reach } from '../../ssh/find-route'
import type { OurEnd } from '../shared/deps'

/** What a login needs besides the plan. */
export interface SshDeps extends OurEnd {
  readonly login: LoginOptions
}

export interface LoginOptions {
  /** A private key's file. */
  readonly identity?: string | undefined
  /** The fingerprint that the host key must have, instead of the pinned ones. */
  readonly hostKey?: string | undefined
  readonly forwardAgent: boolean
  /** The road that was found for the verdict, still open. */
  readonly reach?: Reach | undefined
  /** A key's passphrase, from the user. */
  readonly ask: (path: string) => Promise<string>
}
