import type { ExecOptions } from 'ssh2'
import { monotonic } from '../../clock'
import type { Engine } from '../../engine/engine'
import { DockerBashError, messageOf } from '../../errors'
import { wordsOf } from '../../inside/argv'
import { newTag } from '../../inside/tag'
import { knownShells, type Plan, type Probed, type Request, type Session } from '../../model'
import { begins } from '../../session/beginning'
import { isTerminalRefusal, noTerminal, plainTerminal, run } from '../../ssh/channel'
import { exposure } from '../../ssh/exposure'
import { type Reach, reach } from '../../ssh/find-route'
import { type Login, login } from '../../ssh/login'
import { KeysRefused } from '../../ssh/login-failures'
import { Proof, unbegun as unbegunLogin } from '../../ssh/proof'
import type { OpenRoad } from '../../ssh/routes'
import { hear } from '../../ssh/start-word'
import { timing } from '../../ssh/timing'
import { isStill } from '../../ssh/verify-peer'
import { behindBarrier } from '../shared/behind-barrier'
import { isSeen, obstacleIn } from '../shared/program-files'
import { insecureName, keysFor } from './choice'
import type { SshDeps } from './deps'
import { type Who, whoIs } from './login-user'
import { givenUp, noLogin, noRoad } from './opening-failures'
import { stage } from './reset-environment'
import { sessionOf } from './session'

type Entered = Login & { readonly way: OpenRoad }

/** One attempt to open a session by SSH. */
export class SshOpening {
  readonly #engine: Engine
  readonly #deps: SshDeps
  readonly #target: Probed
  readonly #request: Request
  readonly #words: readonly string[]
  readonly #abort: AbortSignal
  /** What is spoken over now; without it, nothing that is waited for goes on. */
  #stream: OpenRoad['stream'] | undefined

  constructor(engine: Engine, deps: SshDeps, { target, request }: Plan, abort: AbortSignal) {
    this.#engine = engine
    this.#deps = deps
    this.#target = target
    this.#request = request
    this.#words = wordsOf(target, request)
    this.#abort = abort
  }

  async open(): Promise<Session> {
    const who = await whoIs(this.#engine, this.#target, this.#request)
    const proof = new Proof(this.#engine, this.#target, who.login)
    const leave = () => void this.#stream?.destroy()
    this.#abort.addEventListener('abort', leave, { once: true })
    try {
      return await this.#opened(who, proof)
    } catch (error) {
      // We end soon, and with us what would take it away.
      await proof.clear().catch(() => undefined)
      throw this.#abort.aborted ? this.#abort.reason : error
    } finally {
      this.#abort.removeEventListener('abort', leave)
      // The session does not wait for it.
      void proof.clear()
    }
  }

  async #opened(who: Who, proof: Proof): Promise<Session> {
    const entered = await this.#enter(who.login)
    if (entered.candidate.from === insecureName) {
      this.#deps.warn(
        `logged in with ${insecureName}, which everybody has: docker-bash key install ${this.#target.name}, then docker-bash key insecure --disable ${this.#target.name}`,
      )
    }
    const warning = await exposure(this.#engine, this.#target)
    if (warning) this.#deps.warn(warning)
    try {
      return await this.#begin(entered, who, proof)
    } catch (error) {
      entered.client.destroy()
      throw error
    }
  }

  /** Tries the keys, a few at each connection. */
  async #enter(user: string): Promise<Entered> {
    const { forwardAgent, reach: known, hostKey } = this.#deps.login
    let refused: KeysRefused | undefined
    for await (const { keys, to } of keysFor(this.#engine, this.#target, user, this.#deps)) {
      // The road that is known was used up by the login that was refused.
      const open = refused ? undefined : known
      const { road, expect } = this.#usable(open ?? (await reach(this.#engine, this.#target, hostKey)))
      this.#stream = road.stream
      this.#abort.throwIfAborted()
      try {
        const still = isStill(this.#engine, this.#target, road)
        return {
          ...(await login(this.#target, to ? { hostKeys: to } : expect, road, user, keys, still, forwardAgent)),
          way: road,
        }
      } catch (error) {
        if (!(error instanceof KeysRefused)) throw error
        refused = error
      }
    }
    throw await noLogin(this.#engine, this.#target, user, refused)
  }

  #usable(found: Reach): { road: OpenRoad; expect: NonNullable<Reach['expect']> } {
    const { road, expect } = found
    if (road && expect) return { road, expect }
    throw noRoad(this.#target, found)
  }

  /** The watchdog, by which we see where we are; then the stage and the barrier; then the command. */
  async #begin({ client, candidate, took, way }: Entered, { become }: Who, proof: Proof): Promise<Session> {
    const { tty } = this.#request
    const { name } = this.#target
    const { warn, note } = this.#deps
    const from = monotonic()
    const shell = knownShells(this.#target).find((path) => !/zsh|fish|csh/.test(path)) ?? '/bin/sh'
    const tag = newTag()
    const { command, input } = stage(
      this.#target,
      this.#request,
      this.#words,
      shell,
      tag,
      become,
      !isSeen(this.#target),
    )
    const start = async () => {
      const channel = await run(client, command, this.#options())
      return { channel, ...hear(channel, tag, name, 2) }
    }
    // The login's shell starts beside the watchdog. Of an agent it could make use at once, so there it waits for the proof.
    let early: ReturnType<typeof start> | undefined
    const beside = () => {
      if (this.#deps.login.forwardAgent) return
      early = start()
      early.catch(() => undefined)
    }
    const watch = await proof.of(client, way.road, { shell, tag, beside }, this.#abort)
    const { channel, stdout, stderr, lines } = await (early ?? start()).catch(async (error: unknown) => {
      if (error instanceof DockerBashError) throw error
      if (isTerminalRefusal(error)) throw noTerminal(name)
      // A server that allows one session a connection has it for the command.
      await watch.leave(messageOf(error))
      return start()
    })
    const line = async (number: number) =>
      (await begins(lines[number] ?? Promise.reject(), this.#abort, name)).map(Number)
    const program = this.#words[0] ?? ''
    const looking = isSeen(this.#target) ? obstacleIn(this.#target, this.#request, program) : undefined
    const begun = (async () => {
      await line(0)
      channel.write(input)
      return line(1)
    })()
    const [pid, status] = await begun.catch((error: unknown) => {
      throw unbegunLogin(this.#target, error)
    })
    if (pid === undefined || status !== 0) {
      throw givenUp({ target: this.#target, request: this.#request }, program, status ?? 126, become)
    }
    const obstacle = await looking
    if (obstacle) throw (await import('../shared/not-run')).blocked(name, program, obstacle)
    if (watch.lost) warn(`no watchdog in ${name} (${watch.lost}): the command may outlive docker-bash`)
    watch.watch(pid)
    for (const line of timing(way, took, monotonic() - from, candidate)) note(line)
    const blocked = behindBarrier({ stdout, stderr }, tag, tty)
    if (tty) stderr.resume()
    channel.write('\n')
    const unbegun = async () => {
      const why = blocked()
      if (!why) return undefined
      const { notBecome } = await import('../shared/not-run')
      return notBecome(this.#target, this.#request, program, why, this.#engine)
    }
    return sessionOf({ client, stream: way.stream, channel, stdout, stderr, watch, tty, unbegun })
  }

  #options(): ExecOptions {
    const { size, login } = this.#deps
    return {
      ...(this.#request.tty && {
        pty: { ...plainTerminal, ...(size && { cols: size.columns, rows: size.rows }) } as never,
      }),
      ...(login.forwardAgent && { agentForward: true }),
    } as never
  }
}
