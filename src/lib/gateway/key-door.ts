import { DockerBashError, messageOf } from '../errors'
import { fingerprint, typeOf } from '../ssh/fingerprint'
import type { Answer, Door, Shown, ShownKey } from '../ssh/server/authentication'
import { safe } from '../text/escape-controls'
import type { Audit } from './audit'
import { type Entry, lineFor } from './authorized/file'
import type { Guest } from './guest'
import { TooMany } from './limits'
import { toldOutside } from './outside'

/** What does not fit, by a connection; sshd's MaxAuthTries. */
const mostFailures = 6
/** What is asked at all: a client may ask about more keys than it may be wrong about. */
const mostQuestions = 60

export interface LoginDeps {
  /** What an address is, for the audit and for `from=`. */
  readonly address: string
  /** Those who may come in, as of now. @throws DockerBashError */
  entries(): readonly Entry[]
  /** Counts a wrong key. @returns whether this address may still be wrong */
  mayFail(): boolean
  /** It came to a right one. */
  hasNotFailed(): void
  /** Only for whoever has shown a key. @throws DockerBashError for who may not have what is asked for */
  enter(name: string, entry: Entry): Promise<Guest>
  readonly audit: Audit
  /** For what anybody may cause without end, by coming again: nobody fills a log by it. */
  readonly scarcely: Audit
}

/**
 * Lets in who has the private half of a key in the file. Until then nothing depends on the name that a client gives:
 * neither what it is answered nor how soon says which containers there are. Only then the engine is asked.
 */
export class KeyDoor implements Door {
  readonly methods = ['publickey'] as const
  readonly #deps: LoginDeps
  readonly #shown = new Set<string>()
  #user = ''
  #failures = 0
  #questions = 0
  #mayFail: boolean | undefined
  #guest: Guest | undefined
  /** It is told of. */
  #isOver = false
  #isGone = false
  #isUnread = false

  constructor(deps: LoginDeps) {
    this.#deps = deps
  }

  /** Who has come in. */
  get guest(): Guest | undefined {
    return this.#guest
  }

  async judge({ user, method, key }: Shown): Promise<Answer> {
    this.#user = user
    if (++this.#questions > mostQuestions) return this.#bye('too many questions')
    if (!key) return method === 'none' && this.#questions === 1 ? 'no' : this.#no()
    this.#shown.add(fingerprint(key.blob))
    const entry = this.#entryOf(key)
    if (!entry) return this.#wrong()
    if (!key.isSigned) return 'yes'
    return key.fits() ? this.#enter(entry) : this.#wrong()
  }

  /** The connection is over: who tried in vain is told of, once. */
  end(): void {
    this.#isGone = true
    if (this.#isOver || this.#shown.size === 0) return
    this.#refused('no key fits')
  }

  #entryOf({ blob, algorithm }: ShownKey): Entry | undefined {
    // SHA-1, which nobody should believe.
    if (algorithm === 'ssh-rsa' || typeOf(blob) === undefined) return undefined
    try {
      return lineFor(this.#deps.entries(), blob, this.#deps.address)
    } catch (error) {
      if (!this.#isUnread) this.#deps.audit({ event: 'note', text: messageOf(error) })
      this.#isUnread = true
      return undefined
    }
  }

  async #enter(entry: Entry): Promise<Answer> {
    this.#isOver = true
    const { audit, scarcely } = this.#deps
    try {
      const guest = await this.#deps.enter(this.#user, entry)
      if (this.#isGone) throw new DockerBashError('it left before it was in')
      this.#guest = guest
      if (this.#mayFail) this.#deps.hasNotFailed()
      audit({ event: 'login', result: 'accepted', login: this.#user, ...whoOf(entry), ...guest.where })
      return 'yes'
    } catch (error) {
      const tell = error instanceof TooMany ? scarcely : audit
      tell({ event: 'login', result: 'refused', login: this.#user, ...whoOf(entry), why: messageOf(error) })
      const { message, hint } = toldOutside(error)
      const lines = [`docker-bash: ${safe(message)}`, ...(hint ? [`  ${safe(hint)}`] : [])]
      return { bye: safe(message), banner: lines.join('\r\n') }
    }
  }

  /**
   * Whoever has a right key is not kept out by the wrong ones of others behind the same address: where there were too
   * many of them, the next one ends its own connection, before it can ask about more.
   */
  #wrong(): Answer {
    this.#mayFail ??= this.#deps.mayFail()
    return this.#mayFail ? this.#no() : this.#bye('too many logins a minute fail')
  }

  #no(): Answer {
    return ++this.#failures >= mostFailures ? this.#bye('too many authentication failures') : 'no'
  }

  #bye(why: string): Answer {
    this.#refused(why)
    return { bye: why }
  }

  #refused(why: string): void {
    this.#isOver = true
    const keys = [...this.#shown].slice(0, mostFailures)
    const tell = this.#mayFail === false ? this.#deps.scarcely : this.#deps.audit
    tell({ event: 'login', result: 'refused', login: this.#user, keys, why })
  }
}

/** Whose key it was. */
export function whoOf({ key, line }: Entry) {
  return { key: fingerprint(key.blob), type: key.type, comment: key.comment, line }
}
