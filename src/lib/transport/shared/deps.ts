import type { Size } from '../../engine/exec'
import type { Keeper } from '../../namespaces/supervisor'
import type { Reach } from '../../ssh/find-route'

/** What a transport needs of the outside besides the plan. */
export interface Surroundings {
  /** Looks for a shell when /bin/sh is none; asked at most once. */
  readonly findShell: () => Promise<string | undefined>
  /** The PID of the target's first process as of now; 0 when it does not run any more. */
  readonly pidNow: () => Promise<number>
  /** Of our terminal; undefined without one. */
  readonly size: Size | undefined
  /** All its streams come to us: no process is handed a descriptor of our own. */
  readonly apart?: boolean
  /** In Docker's notation; undefined for none. */
  readonly detachKeys: string | undefined
  readonly ssh: SshSurroundings
  /** Started while the target was looked for; absent: one is started when the session is. */
  readonly keeper?: Promise<Keeper> | undefined
  /** A folder of the user's own tools, absolute, to bring along. */
  readonly tools?: string | undefined
  /** An image of the engine's with static programs, instead of the built-in toolbox. */
  readonly toolbox?: string | undefined
  /** What is read-only in the container may be written by whom tools are brought along for. */
  readonly writable?: boolean | undefined
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
