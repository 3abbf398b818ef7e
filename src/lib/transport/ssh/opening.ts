import type { ExecOptions } from 'ssh2'
import { monotonic } from '../../clock'
import type { Engine } from '../../engine/engine'
import { DockerBashError, messageOf } from '../../errors'
import { noUser } from '../../host/user-errors'
import { wordsOf } from '../../inside/argv'
import { newTag } from '../../inside/tag'
import type { Plan, Request, Session, Target } from '../../model'
import { begins } from '../../session/beginning'
import { barredAccount } from '../../ssh/barred-account'
import { isTerminalRefusal, noTerminal, plainTerminal, run } from '../../ssh/channel'
import { exposure } from '../../ssh/exposure'
import { type Reach, reach } from '../../ssh/find-route'
import { type Login, login } from '../../ssh/login'
import { KeysRefused } from '../../ssh/login-failures'
import { Proof, unbegun as unbegunLogin } from '../../ssh/proof'
import type { OpenRoad } from '../../ssh/routes'
import { hear } from '../../ssh/start-word'
import { survey } from '../../ssh/survey'
import { timing } from '../../ssh/timing'
import { isStill } from '../../ssh/verify-peer'
import { behindGate } from '../shared/behind-gate'
import type { Surroundings } from '../shared/deps'
import { isSeen, obstacleIn } from '../shared/program-files'
import { noFolder as folderError, notFound, notRunnable } from '../shared/start-errors'
import { insecureName, keysFor } from './choice'
import { isUser, type Who, whoIs } from './login-user'
import { closedFolder, noFolder, noMeans, stage } from './reset-environment'
import { sessionOf } from './session'

type Entered = Login & { readonly way: OpenRoad }

/** One attempt to open a session by SSH. */
export class SshOpening {
  readonly #engine: Engine
  readonly #around: Surroundings
  readonly #target: Target
  readonly #request: Request
  readonly #words: readonly string[]
  readonly #abort: AbortSignal
  /** What is spoken over now; without it, nothing that is waited for goes on. */
  #stream: OpenRoad['stream'] | undefined

  constructor(engine: Engine, around: Surroundings, { target, request }: Plan, abort: AbortSignal) {
    this.#engine = engine
    this.#around = around
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
      this.#around.warn(
        `logged in with ${insecureName}, which everybody has: docker-bash key install ${this.#target.name}, then docker-bash key insecure --disable ${this.#target.name}`,
      )
    }
    const warning = await exposure(this.#engine, this.#target)
    if (warning) this.#around.warn(warning)
    try {
      return await this.#begin(entered, who, proof)
    } catch (error) {
      entered.client.destroy()
      throw error
    }
  }

  /** Tries the keys, a few at each connection. */
  async #enter(user: string): Promise<Entered> {
    const { forwardAgent } = this.#around.ssh
    let refused: KeysRefused | undefined
    for await (const { keys, to } of keysFor(this.#engine, this.#target, user, this.#around)) {
      const known = refused ? undefined : this.#around.ssh.reach
      const { road, expect } = this.#usable(
        known ?? (await reach(this.#engine, this.#target, this.#around.ssh.hostKey)),
      )
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
    if (!(await isUser(this.#engine, this.#target, user))) throw noUser('user', user, this.#target.name)
    if (refused) throw await this.#barred(user, refused)
    const { name } = this.#target
    throw new DockerBashError(`there is no key to log in to ${name} with`, {
      hint: `make and authorise one: docker-bash key install ${name}; or name yours: docker-bash --identity FILE ${name}`,
    })
  }

  /** What stands in the way of every key is said instead of the keys. */
  async #barred(user: string, refused: KeysRefused): Promise<DockerBashError> {
    const { name, id } = this.#target
    const { login, settings } = await survey(this.#engine, id, user)
    const why = login && (await barredAccount(this.#engine, id, login, settings))
    if (!why) return refused
    return new DockerBashError(`${name} lets nobody in as ${user}: ${why}`, {
      hint: `put that right, or take another way: docker-bash --via exec -u ${user} ${name}`,
    })
  }

  #usable({ road, expect, facts }: Reach): { road: OpenRoad; expect: NonNullable<Reach['expect']> } {
    if (road && expect) return { road, expect }
    const { name } = this.#target
    throw new DockerBashError(`${name} cannot be entered by ssh: ${facts.refusal ?? 'no road leads to its sshd'}`, {
      hint: facts.remedy ?? `another way: docker-bash --via exec ${name}`,
    })
  }

  /** The guard, by which we see where we are; then the stage and the gate; then the command. */
  async #begin({ client, candidate, took, way }: Entered, { become }: Who, proof: Proof): Promise<Session> {
    const { tty } = this.#request
    const { name } = this.#target
    const { warn, note } = this.#around
    const from = monotonic()
    const shell = this.#target.shells?.find((path) => !/zsh|fish|csh/.test(path)) ?? '/bin/sh'
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
    // The login's shell starts beside the guard. Of an agent it could make use at once, so there it waits for the proof.
    let early: ReturnType<typeof start> | undefined
    const beside = () => {
      if (this.#around.ssh.forwardAgent) return
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
    if (pid === undefined || status !== 0) throw this.#refusal(status ?? 126, become)
    const obstacle = await looking
    if (obstacle) throw (await import('../shared/not-run')).blocked(name, program, obstacle)
    if (watch.lost) warn(`no watchdog in ${name} (${watch.lost}): the command may outlive docker-bash`)
    watch.watch(pid)
    for (const line of timing(way, took, monotonic() - from, candidate)) note(line)
    const blocked = behindGate({ stdout, stderr }, tag, tty)
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
    const { size, ssh } = this.#around
    return {
      ...(this.#request.tty && {
        pty: { ...plainTerminal, ...(size && { cols: size.columns, rows: size.rows }) } as never,
      }),
      ...(ssh.forwardAgent && { agentForward: true }),
    } as never
  }

  #refusal(status: number, become: Who['become']): DockerBashError {
    const { name } = this.#target
    const program = this.#words[0] ?? ''
    if (status === noFolder || status === closedFolder) {
      return folderError(name, this.#request.workdir || this.#target.workdir, status === closedFolder)
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
