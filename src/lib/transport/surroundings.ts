import type { Size } from '../engine/exec'
import type { Reach } from './ssh/reach'

/** What a transport needs of the outside besides the plan. */
export interface Surroundings {
  /** Looks for a shell when /bin/sh is none; asked at most once. */
  readonly findShell: () => Promise<string | undefined>
  /** The PID of the target's first process as of now; 0 when it does not run any more. */
  readonly pidNow: () => Promise<number>
  /** Of our terminal; undefined without one. */
  readonly size: Size | undefined
  /** In Docker's notation; undefined for none. */
  readonly detachKeys: string | undefined
  readonly ssh: SshSurroundings
  /** A folder of the user's own tools, absolute, to bring along. */
  readonly tools?: string | undefined
  /** An image with a static busybox, instead of the toolbox that is made on the spot. */
  readonly toolbox?: string | undefined
  /** A line for `-v`. */
  readonly note: (text: string) => void
  /** A line for stderr, always. */
  readonly warn: (text: string) => void
}

export interface SshSurroundings {
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
