import type { Duplex } from 'node:stream'
import type { Engine } from '../../engine/engine'
import { createExec, type ExecConfig, inspectExec, resizeExec, startExec } from '../../engine/exec'
import { DockerBashError } from '../../errors'
import { wordsOf } from '../../inside/argv'
import { type Blocked, gate } from '../../inside/barrier'
import { newTag } from '../../inside/tag'
import type { Plan, Request, Session, Target } from '../../model'
import { begins, shortly } from '../../session/beginning'
import { mergedEnv, usualPath } from '../../text/env-entries'
import { behindGate } from '../shared/behind-gate'
import type { Surroundings } from '../shared/deps'
import { isExecFailure } from '../shared/exec-failure'
import type { Elsewhere } from '../shared/exec-site'
import { type Filter, Output } from '../shared/output'
import { obstacleIn } from '../shared/program-files'
import { isMissing } from '../shared/start-failure'
import { firstOutput, firstWord, runtimesWord } from './first'
import { HostWatch } from './host-watch'
import { ExecSession, type SessionKind } from './session'
import { notStarted, refused } from './start'
import { Watch, type Watching } from './watch'

/** Nobody types it: the engine holds back the first key of the sequence, and an empty one means its default, ctrl-p. */
const noDetachKeys = 'ctrl-@,ctrl-@,ctrl-@,ctrl-@'

/** Whether what runs in it is to be seen and ended from here. */
export function isOurs({ local, pid }: Target): boolean {
  return local && pid > 0 && process.getuid?.() === 0
}

/** One attempt to open a session; holds what has to be undone if it fails half way. */
export class ExecOpening {
  readonly #engine: Engine
  readonly #around: Surroundings
  readonly #target: Target
  readonly #request: Request
  readonly #words: readonly string[]
  readonly #abort: AbortSignal
  readonly #where: Elsewhere | undefined
  /** What came instead of the barrier's line. */
  #said = ''

  constructor(engine: Engine, around: Surroundings, { target, request }: Plan, abort: AbortSignal, where?: Elsewhere) {
    this.#engine = engine
    this.#around = around
    this.#target = target
    this.#request = request
    this.#words = wordsOf(target, request)
    this.#abort = abort
    this.#where = where
  }

  async open(): Promise<Session> {
    try {
      const known = this.#target.shells?.find((path) => !/zsh|fish|csh/.test(path))
      const first = await this.#gated(known ?? '/bin/sh')
      if (!first && this.#where) throw this.#unreached()
      const opened = first ?? (await this.#gatedElsewhere())
      return opened ?? (await this.#bare())
    } catch (error) {
      throw await refused(this.#engine, this.#target, this.#request, error)
    }
  }

  #unreached(): DockerBashError {
    return new DockerBashError(`the tools did not get into ${this.#target.name}: ${this.#said.trim()}`, {
      hint: `docker-bash explain ${this.#target.name} shows the other ways in`,
    })
  }

  async #gatedElsewhere(): Promise<Session | undefined> {
    const shell = await this.#around.findShell()
    return shell === undefined ? undefined : this.#gated(shell)
  }

  /** @returns undefined when there is no such shell to make a gate of */
  async #gated(shell: string): Promise<Session | undefined> {
    const { tty, user } = this.#request
    const { container, before, ...guard } = this.#where ?? { container: this.#target.id, shell, user }
    const tag = newTag()
    const inside = () => Watch.create(this.#engine, container, guard.shell, tag, guard.user)
    const isSeen = !this.#where && isOurs(this.#target)
    const given = mergedEnv([usualPath, ...this.#target.env], this.#request.env)
    // What is to be run is looked at from here, or else by the gate.
    const { command, variables } = gate(shell, tag, this.#words, given, { looks: !isSeen })
    const first = before?.(tag, variables) ?? { words: [], env: [...this.#request.env, ...variables] }
    const asked = this.#create([...first.words, ...command], first.env)
    const watching = isSeen ? undefined : inside()
    const [main] = await Promise.all([asked, watching])
    const toldPid = async () => (await inspectExec(this.#engine, main)).pid
    const begin = () => startExec(this.#engine, main, tty, this.#around.size, this.#abort)
    const onHost = () => this.#onHost(tag, toldPid, inside)
    // With a terminal the gate cannot see our end, so the guard has to be there first. Without, the end of its input
    // tells it: a guard on the host may start while the engine starts the command, one inside when the gate has spoken,
    // so that the two do not compete for the processor.
    const early = tty ? await (watching ?? onHost()) : undefined
    await early?.start()
    const [connection, watch] = await Promise.all([begin(), early ?? watching ?? onHost()])
    const output = this.#output(connection, main)
    const begins = <T>(step: Promise<T>) => this.#begins(step, main, connection, watch)
    const obstacle = isSeen ? obstacleIn(this.#target, this.#request, this.#words[0] ?? '') : undefined
    const { unrun } = runtimesWord(output, tty)
    const { word, said } = await begins(firstWord(output, tag, this.#target.name))
    if (!word) {
      await watch.dismiss()
      return this.#failed(output, main, unrun() ?? said, shell)
    }
    if (word.status !== 0) {
      await watch.dismiss()
      throw await this.#missing(word.status)
    }
    const seen = await obstacle
    if (seen) {
      await this.#leaveGate(connection, watch, word.pid)
      const { blocked } = await import('../shared/not-run')
      throw blocked(this.#target.name, this.#words[0] ?? '', seen)
    }
    const { size } = this.#around
    await begins(Promise.all([watch.start(), tty && size && resizeExec(this.#engine, main, size)]))
    await begins(watch.watch(word.pid))
    if (watch.lost) this.#around.note(`no watchdog in ${this.#target.name} (${watch.lost}): the command may outlive us`)
    const through = (source: 'stdout' | 'stderr') => ({ through: (see: Filter) => output.filter(see, source) })
    const blocked = behindGate({ stdout: through('stdout'), stderr: through('stderr') }, tag, tty)
    connection.write('\n')
    return new ExecSession(this.#engine, main, connection, output, this.#sessionKind(watch, blocked))
  }

  /** Ends the gate instead of letting it go on. With a terminal it does not see that we leave: the guard tells it. */
  async #leaveGate(connection: Duplex, watch: Watching, pid: number): Promise<void> {
    if (!this.#request.tty) {
      connection.destroy()
      return watch.dismiss()
    }
    await shortly(
      (async () => {
        await watch.start()
        await watch.watch(pid)
        await watch.release()
      })(),
    )
    connection.destroy()
  }

  /** Waits for a step of the start. If it does not come, whatever stands there instead of the barrier is ended. */
  async #begins<T>(step: Promise<T>, exec: string, connection: Duplex, watch?: Watching): Promise<T> {
    try {
      return await begins(step, this.#abort, this.#target.name)
    } catch (error) {
      connection.destroy()
      // Not started yet, it has not even heard that we are here.
      if (watch) await shortly(watch.start().then(() => watch.release()))
      if (isOurs(this.#target)) (await import('../../host/unbegun-exec')).endUnbegun(exec)
      throw error
    }
  }

  async #onHost(tag: string, toldPid: () => Promise<number>, inside: () => Promise<Watching>): Promise<Watching> {
    // What was asked of the engine goes out first, and is answered while the child is started.
    await new Promise((go) => setImmediate(go))
    return new HostWatch(this.#target.pid, tag, toldPid, inside)
  }

  /** @returns undefined when the reason is the shell, so that another may be tried */
  async #failed(output: Output, exec: string, said: string, shell: string): Promise<undefined> {
    this.#said = said
    const { broken } = await output.ended
    if (broken !== undefined) throw this.#hungUp(broken)
    if (isExecFailure(said) && !this.#where) return undefined
    const state = await inspectExec(this.#engine, exec)
    // The tools' own way in. Whoever looks for them there finds nothing, and says nothing.
    if (this.#where && state.code === 127 && said.trim() === '') {
      this.#said = 'they come in by its /proc, and there is none'
      throw this.#unreached()
    }
    if (state.pid !== 0 && !notStarted.test(said)) {
      throw new DockerBashError(
        `the shell in ${this.#target.name} ended before the command began, with code ${state.code}`,
        {
          lines: said.trim().split('\n').slice(-3),
          hint: `docker-bash explain ${this.#target.name} shows the other ways in`,
        },
      )
    }
    if (isMissing(said, shell)) return undefined
    throw await this.#notStarted(said)
  }

  #hungUp(why: string): DockerBashError {
    return new DockerBashError(`lost ${this.#target.name} before the command began: ${why}`, {
      hint: 'its engine ended or was restarted, perhaps: docker-bash doctor',
    })
  }

  /** Without a shell inside: the plain exec. Nothing can end it when we are killed, and that is said. */
  async #bare(): Promise<Session> {
    const { tty } = this.#request
    this.#around.note(`no shell in ${this.#target.name}: signals do not reach the command, and it may outlive us`)
    const program = this.#words[0] ?? ''
    const [id, obstacle] = await Promise.all([
      this.#create(this.#words, this.#request.env),
      // Without it, words like the runtime's are the command's own.
      obstacleIn(this.#target, this.#request, program, this.#engine),
    ])
    const connection = await startExec(this.#engine, id, tty, this.#around.size, this.#abort)
    const output = this.#output(connection, id)
    const { isWord, unrun } = obstacle ? runtimesWord(output, tty) : { isWord: () => false, unrun: () => undefined }
    const first = await this.#begins(
      firstOutput(this.#engine, id, output, (text) => notStarted.test(text) || isWord(text)),
      id,
      connection,
    )
    if (notStarted.test(first)) {
      await output.ended
      throw await this.#notStarted(first)
    }
    const unbegun = async () => {
      if (!obstacle || unrun() === undefined) return undefined
      const { blocked } = await import('../shared/not-run')
      return blocked(this.#target.name, program, obstacle)
    }
    return new ExecSession(this.#engine, id, connection, output, { ...this.#sessionKind(undefined), unbegun })
  }

  async #notStarted(said: string): Promise<DockerBashError> {
    const { notStarted } = await import('../shared/not-run')
    return notStarted(this.#target, this.#request, said, this.#engine)
  }

  #create(command: readonly string[], env: readonly string[]): Promise<string> {
    const { user, workdir, tty } = this.#request
    const config: ExecConfig = {
      command,
      ...(this.#where ? { user: this.#where.user, workdir: '/' } : { user, workdir }),
      env,
      tty,
      stdin: true,
      size: this.#around.size,
      detachKeys: this.#around.detachKeys ?? noDetachKeys,
    }
    return createExec(this.#engine, this.#where?.container ?? this.#target.id, config, this.#abort)
  }

  #output(connection: Duplex, exec: string): Output {
    const stillRuns = async () => (await inspectExec(this.#engine, exec)).running
    const { apart, warn } = this.#around
    // One of many, perhaps: a file may hold more of it than memory.
    return new Output(connection, this.#request.tty, stillRuns, warn, apart ? { memory: 1024 * 1024 } : {})
  }

  #sessionKind(watch: Watching | undefined, blocked: () => Blocked | undefined = () => undefined): SessionKind {
    const mayDetach = this.#around.detachKeys !== undefined
    return { tty: this.#request.tty, mayDetach, watch, unbegun: () => this.#unbegun(blocked()) }
  }

  /** What the gate could not become, when it has said so. */
  async #unbegun(blocked: Blocked | undefined): Promise<DockerBashError | undefined> {
    if (!blocked) return undefined
    const { notBecome } = await import('../shared/not-run')
    return notBecome(this.#target, this.#request, this.#words[0] ?? '', blocked, this.#engine)
  }

  async #missing(status: number) {
    const { notFound, notRunnable } = await import('../shared/start-errors')
    const program = this.#words[0] ?? ''
    return status === 127 ? notFound(this.#target.name, program) : notRunnable(this.#target.name, program)
  }
}
