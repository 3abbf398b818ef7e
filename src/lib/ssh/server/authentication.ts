import type { AuthContext, PublicKeyAuthContext } from 'ssh2'
import { isSignedBy } from './public-key'

/** A key that a client says it has. */
export interface ShownKey {
  readonly blob: Buffer
  /** As the client names it, such as `rsa-sha2-512`. */
  readonly algorithm: string
  /** Without a signature a client asks whether the key would do. */
  readonly isSigned: boolean
  /** Whether the private half signed this very request. */
  fits(): boolean
}

/** What a client shows to be let in (RFC 4252). */
export interface Shown {
  readonly user: string
  /** `none` asks what there is. */
  readonly method: string
  readonly key?: ShownKey
}

/** What becomes of it; `bye` ends the connection, with a text for whoever may read one. */
export type Answer = 'yes' | 'no' | { readonly bye: string; readonly banner?: string }

/** Who may come in, and how that is shown. */
export interface Door {
  readonly methods: readonly ('none' | 'publickey')[]
  /** Never rejects. */
  judge(shown: Shown): Promise<Answer>
}

/** What is shown, by ssh2's own words for it. */
export function shownBy(asked: AuthContext): Shown {
  const { username: user, method } = asked
  return asked.method === 'publickey' ? { user, method, key: keyOf(asked) } : { user, method }
}

/** Says so. A client that asked about a key hears of the algorithm that it named (RFC 8332, section 3.2). */
export function allow(asked: AuthContext): void {
  if (asked.method === 'publickey') asked.key.algo = algorithmOf(asked)
  asked.accept()
}

function keyOf(asked: PublicKeyAuthContext): ShownKey {
  const { key, signature, blob, hashAlgo } = asked
  return {
    blob: key.data,
    algorithm: algorithmOf(asked),
    isSigned: signature !== undefined,
    fits: () =>
      signature !== undefined && blob !== undefined && isSignedBy(key.data, key.algo, { signature, blob, hashAlgo }),
  }
}

/** ssh2 has both of the newer ones for RSA as `ssh-rsa`, with their hash beside it. */
function algorithmOf({ key, hashAlgo }: PublicKeyAuthContext): string {
  return key.algo === 'ssh-rsa' && hashAlgo !== undefined ? hashAlgo.replace('sha', 'rsa-sha2-') : key.algo
}
