import type { Client } from 'ssh2'
import type { Engine } from '../engine/engine'
import { DockerBashError, messageOf, NotBegun } from '../errors'
import { firstProcess, hasProcess } from '../host/members'
import type { Road, Target } from '../model'
import { begins } from '../session/beginning'
import { Secret } from './secret'
import { Watch } from './watch'

/** What answered a login is not inside the container. */
export class NotInside extends DockerBashError {}

/**
 * Makes sure that a login ended up inside the container, before a word of the user's goes into it.
 *
 * A host key does not show that: a container can print another one's and relay port 22 there, and those of one image may
 * have the same. So the watchdog, the first that runs in the login, is looked for. Root on the engine's host sees whether
 * it is in the container's control group; everybody else has the engine put a secret into the container, which the watchdog
 * reads back over the login.
 *
 * One object for all attempts at one login: the secret is put there while the keys are exchanged.
 */
export class Proof {
  readonly #engine: Engine
  readonly #target: Target
  readonly #user: string
  #secret: Promise<Secret | undefined> | undefined

  constructor(engine: Engine, target: Target, user: string) {
    this.#engine = engine
    this.#target = target
    this.#user = user
    if (firstProcess(target) === undefined) void this.#placed()
  }

  /**
   * @param shell absolute path of a POSIX shell inside
   * @param beside begins what need not wait; called once the watchdog is on its way
   * @returns the session's watchdog, in a login that has been shown to be inside
   * @throws NotInside; DockerBashError when nothing can be run in the login
   */
  async of(
    client: Client,
    road: Road,
    { shell, tag, beside }: { readonly shell: string; readonly tag: string; readonly beside?: () => void },
    abort: AbortSignal,
  ): Promise<Watch> {
    let begun = false
    const start = async (path?: string) => {
      const watch = this.#start(client, shell, tag, abort, path)
      if (!begun) beside?.()
      begun = true
      return watch
    }
    if (firstProcess(this.#target) !== undefined) {
      const watch = await start()
      if (hasProcess(this.#target, watch.greeting.words)) return watch
      // gVisor, Kata: what runs inside is not a process of the host's.
      await watch.dismiss()
    }
    const secret = await this.#placed()
    const watch = await start(secret?.path)
    if (secret && isShown(watch, secret)) return watch
    await watch.dismiss()
    throw secret ? this.#elsewhere(road) : this.#unknown()
  }

  /** Leaves nothing of it inside. */
  async clear(): Promise<void> {
    await (await this.#secret)?.remove()
  }

  /** A failure to put it there is told when it is needed. */
  #placed(): Promise<Secret | undefined> {
    this.#secret ??= Secret.place(this.#engine, this.#target, this.#user).catch(() => undefined)
    return this.#secret
  }

  async #start(client: Client, shell: string, tag: string, abort: AbortSignal, path?: string): Promise<Watch> {
    try {
      const { name } = this.#target
      return await begins(Watch.start(client, shell, tag, name, path), abort, name)
    } catch (error) {
      throw unbegun(this.#target, error)
    }
  }

  #elsewhere({ where }: Road): NotInside {
    const { name } = this.#target
    return new NotInside(`the login at ${where} is not inside ${name}: something leads it to another place`, {
      hint: `no command and no input was sent to it; another way in: docker-bash --via exec ${name}`,
    })
  }

  #unknown(): NotInside {
    const { name } = this.#target
    return new NotInside(`nothing shows that the login is inside ${name}: no secret could be put into it`, {
      hint: `it takes a shell and a place to write (/run, /dev/shm or /tmp) in it; docker-bash --via exec ${name} takes neither`,
    })
  }
}

function isShown({ greeting }: Watch, secret: Secret): boolean {
  const { containers } = greeting
  const isNamed = containers.length === 0 || containers.some((id) => secret.names.includes(id))
  return greeting.secret === secret.value && isNamed
}

/** Why nothing began in a login, in the user's terms. */
export function unbegun({ name }: Target, error: unknown): DockerBashError {
  if (error instanceof DockerBashError) return error
  return new NotBegun(`no command could be started in ${name} by ssh: ${messageOf(error)}`, {
    hint: `a login shell like nologin, or a forced command, does that: docker-bash --via exec ${name}`,
    cause: error,
  })
}
