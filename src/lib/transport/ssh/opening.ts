import type { ClientChannel } from 'ssh2'
import type { Engine } from '../../engine/engine'
import { DockerBashError } from '../../errors'
import { withoutEcho } from '../../inside/echo'
import { type GateWord, readGate } from '../../inside/gate'
import { newTag } from '../../inside/tag'
import { wordsOf } from '../../inside/words'
import { exposure } from '../../keys/exposure'
import type { Plan, Request, Session, Target } from '../../model'
import { notFound, notRunnable } from '../start-errors'
import type { Surroundings } from '../surroundings'
import { run } from './channel'
import { insecureName, keysFor } from './choice'
import { type Login, login } from './login'
import { KeysRefused } from './login-failures'
import { type Reach, reach } from './reach'
import type { OpenRoad } from './roads'
import { sessionOf } from './session'
import { noFolder, noMeans, stage } from './stage'
import { isStill } from './still'
import { Tap } from './tap'
import { timing } from './timing'
import { Watch } from './watch'
import { isUser, unknownUser, type Who, whoIs } from './who'

type Entered = Login & { readonly way: OpenRoad }

/** One attempt to open a session by SSH. */
export class SshOpening {
  readonly #engine: Engine
  readonly #around: Surroundings
  readonly #target: Target
  readonly #request: Request
  readonly #words: readonly string[]

  constructor(engine: Engine, around: Surroundings, { target, request }: Plan) {
    this.#engine = engine
    this.#around = around
    this.#target = target
    this.#request = request
    this.#words = wordsOf(target, request)
  }

  async open(): Promise<Session> {
    const who = await whoIs(this.#engine, this.#target, this.#request)
    const entered = await this.#enter(who.login)
    if (entered.candidate.from === insecureName) {
      this.#around.warn(
        `logged in with ${insecureName}, which everybody has: docker-bash key install ${this.#target.name}, then docker-bash key insecure --disable ${this.#target.name}`,
      )
    }
    const warning = await exposure(this.#engine, this.#target)
    if (warning) this.#around.warn(warning)
    try {
      return await this.#begin(entered, who)
    } catch (error) {
      entered.client.destroy()
      throw error
    }
  }

  /** Tries the keys, a few at each connection. */
  async #enter(user: string): Promise<Entered> {
    let refused: KeysRefused | undefined
    for await (const keys of keysFor(this.#engine, this.#target, user, this.#around)) {
      const known = refused ? undefined : this.#around.ssh.reach
      const { road, expect } = this.#usable(
        known ?? (await reach(this.#engine, this.#target, this.#around.ssh.hostKey)),
      )
      try {
        const still = isStill(this.#engine, this.#target, road.road)
        return {
          ...(await login(this.#target, expect, road, user, keys, still, this.#around.ssh.forwardAgent)),
          way: road,
        }
      } catch (error) {
        if (!(error instanceof KeysRefused)) throw error
        refused = error
      }
    }
    if (!(await isUser(this.#engine, this.#target, user))) throw unknownUser(this.#target, user)
    if (refused) throw refused
    const { name } = this.#target
    throw new DockerBashError(`there is no key to log in to ${name} with`, {
      hint: `make and authorise one: docker-bash key install ${name}; or name yours: docker-bash --identity FILE ${name}`,
    })
  }

  #usable({ road, expect, facts }: Reach): { road: OpenRoad; expect: NonNullable<Reach['expect']> } {
    if (road && expect) return { road, expect }
    const { name } = this.#target
    throw new DockerBashError(`${name} cannot be entered by ssh: ${facts.refusal ?? 'no road leads to its sshd'}`, {
      hint: facts.remedy ?? `another way: docker-bash --via exec ${name}`,
    })
  }

  /** The stage and the gate, then the guard, then the command. */
  async #begin({ client, candidate, took, way }: Entered, { become }: Who): Promise<Session> {
    const { tty } = this.#request
    const { warn, note, size, ssh } = this.#around
    const from = performance.now()
    const shell = this.#target.shells?.find((path) => !/zsh|fish|csh/.test(path)) ?? '/bin/sh'
    const tag = newTag()
    const channel = await run(client, stage(this.#target, this.#request, this.#words, shell, tag, become), {
      ...(tty && {
        pty: { term: 'xterm', cols: size?.columns ?? 80, rows: size?.rows ?? 24, width: 0, height: 0 } as never,
      }),
      ...(ssh.forwardAgent && { agentForward: true }),
    } as never)
    const output = new Tap(channel)
    const word = await this.#word(channel, output, tag)
    if (word.status !== 0) throw this.#refusal(word.status, become)
    const watch = await Watch.start(client, shell, tag)
    if (watch.lost) warn(`no guard in ${this.#target.name} (${watch.lost}): the command may outlive docker-bash`)
    watch.watch(word.pid)
    for (const line of timing(way, took, performance.now() - from, candidate)) note(line)
    if (tty) output.through(withoutEcho(() => output.through(undefined)))
    channel.write('\n')
    return sessionOf({ client, stream: way.stream, channel, stdout: output, watch, tty })
  }

  /** The gate's line, taken out of the output. What the login's shell printed before it is not the session's. */
  #word(channel: ClientChannel, output: Tap, tag: string): Promise<GateWord> {
    return new Promise((resolve, reject) => {
      let held: Buffer = Buffer.alloc(0)
      let code: number | null | undefined
      output.through((bytes) => {
        held = Buffer.concat([held, bytes])
        const read = readGate(held, tag)
        if (!read) return undefined
        output.through(undefined)
        resolve(read.word)
        return read.behind
      })
      channel.once('exit', (status: number | null) => {
        code = status
      })
      channel.once('close', () => reject(this.#unopened(code, held.toString())))
    })
  }

  #unopened(code: number | null | undefined, said: string): DockerBashError {
    const { name } = this.#target
    const last = said.trim().split('\n').at(-1)?.slice(0, 200)
    const how = code === undefined ? 'the connection was closed' : `its login ended with ${code ?? 'a signal'}`
    return new DockerBashError(`no command could be started in ${name} by ssh: ${how}${last ? ` (${last})` : ''}`, {
      hint: `a login shell like nologin, or a forced command, does that: docker-bash --via exec ${name}`,
    })
  }

  #refusal(status: number, become: Who['become']): DockerBashError {
    const { name } = this.#target
    const program = this.#words[0] ?? ''
    if (status === noFolder) {
      return new DockerBashError(`there is no folder ${this.#request.workdir || this.#target.workdir} in ${name}`, {
        hint: `give one that is there: docker-bash -w / ${name} …`,
      })
    }
    if (status === noMeans) {
      return new DockerBashError(
        `nobody can log in to ${name} as ${become?.uid}:${become?.gid}, and it has no setpriv to become that`,
        {
          hint: `docker-bash --via exec -u ${become?.uid}:${become?.gid} ${name}`,
        },
      )
    }
    return status === 127 ? notFound(name, program) : notRunnable(name, program)
  }
}
