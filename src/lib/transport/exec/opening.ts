import type { Duplex } from 'node:stream'
import type { Engine } from '../../engine/engine'
import { createExec, type ExecConfig, inspectExec, resizeExec, startExec } from '../../engine/exec'
import { wordsOf } from '../../inside/argv'
import { barrierFor } from '../../inside/barrier'
import { newTag } from '../../inside/tag'
import { knownShells, type Plan, type Probed, type Request, type Session } from '../../model'
import { mergedEnv, usualPath } from '../../text/env-entries'
import { behindBarrier } from '../shared/behind-barrier'
import type { Elsewhere } from '../shared/exec-site'
import { type Filter, Output } from '../shared/output'
import { isSeen, obstacleIn } from '../shared/program-files'
import type { ExecDeps, ExecEnd } from './deps'
import { firstOutput, firstWord, runtimesWord } from './first'
import { HostWatch } from './host-watch'
import { OpeningFailures } from './opening-failures'
import { ExecSession, type SessionKind } from './session'
import { notStarted, refused } from './start'
import { beginsOrEnds, type HalfOpen, leaveBarrier } from './undo'
import { Watch, type Watching } from './watch'

/** Nobody types it: the engine holds back the first key of the sequence, and an empty one means its default, ctrl-p. */
const noDetachKeys = 'ctrl-@,ctrl-@,ctrl-@,ctrl-@'

/** One attempt to open a session; holds what has to be undone if it fails half way. */
export class ExecOpening {
  readonly #engine: Engine
  readonly #end: ExecEnd
  readonly #target: Probed
  readonly #request: Request
  readonly #words: readonly string[]
  readonly #abort: AbortSignal
  readonly #where: Elsewhere | undefined
  readonly #findShell: ExecDeps['findShell']

  /** @param site where the exec begins: in the target itself, or elsewhere */
  constructor(
    engine: Engine,
    end: ExecEnd,
    { target, request }: Plan,
    abort: AbortSignal,
    site: Elsewhere | Pick<ExecDeps, 'findShell'>,
  ) {
    this.#engine = engine
    this.#end = end
    this.#target = target
    this.#request = request
    this.#words = wordsOf(target, request)
    this.#abort = abort
    this.#where = 'container' in site ? site : undefined
    this.#findShell = 'container' in site ? async () => undefined : site.findShell
  }

  async open(): Promise<Session> {
    try {
      const known = knownShells(this.#target).find((path) => !/zsh|fish|csh/.test(path))
      const opened = (await this.#openBehindBarrier(known ?? '/bin/sh')) ?? (await this.#openByOtherShell())
      return opened ?? (await this.#bare())
    } catch (error) {
      throw await refused(this.#engine, this.#target, this.#request, error)
    }
  }

  async #openByOtherShell(): Promise<Session | undefined> {
    const shell = await this.#findShell()
    return shell === undefined ? undefined : this.#openBehindBarrier(shell)
  }

  /** @returns undefined when there is no such shell to make a barrier of */
  async #openBehindBarrier(shell: string): Promise<Session | undefined> {
    const { tty, user } = this.#request
    const { container, before, ...watchdog } = this.#where ?? { container: this.#target.id, shell, user }
    const tag = newTag()
    const inside = () => Watch.create(this.#engine, container, watchdog.shell, tag, watchdog.user)
    const isHere = !this.#where && isSeen(this.#target)
    const given = mergedEnv([usualPath, ...this.#target.env], this.#request.env)
    // What is to be run is looked at from here, or else by the barrier.
    const { command, variables } = barrierFor(shell, tag, this.#words, given, { looks: !isHere })
    const first = before?.(tag, variables) ?? { words: [], env: [...this.#request.env, ...variables] }
    const asked = this.#create([...first.words, ...command], first.env)
    const watching = isHere ? undefined : inside()
    const [main] = await Promise.all([asked, watching])
    const toldPid = async () => (await inspectExec(this.#engine, main)).pid
    const begin = () => startExec(this.#engine, main, tty, this.#end.size, this.#abort)
    const onHost = () => this.#onHost(tag, toldPid, inside)
    // With a terminal the barrier cannot see our end, so the watchdog has to be there first. Without, the end of its input
    // tells it: a watchdog on the host may start while the engine starts the command, one inside when the barrier has spoken,
    // so that the two do not compete for the processor.
    const early = tty ? await (watching ?? onHost()) : undefined
    await early?.start()
    const [connection, watch] = await Promise.all([begin(), early ?? watching ?? onHost()])
    const output = this.#output(connection, main)
    const begins = <T>(step: Promise<T>) => this.#begins(step, { exec: main, connection, watch })
    const obstacle = isHere ? obstacleIn(this.#target, this.#request, this.#words[0] ?? '') : undefined
    const { unrun } = runtimesWord(output, tty)
    const { word, said } = await begins(firstWord(output, tag, this.#target.name))
    if (!word) {
      await watch.dismiss()
      await this.#failures().withoutBarrier(main, output, unrun() ?? said, shell, this.#where !== undefined)
      return undefined
    }
    if (word.status !== 0) {
      await watch.dismiss()
      throw await this.#failures().notFound(word.status)
    }
    const seen = await obstacle
    if (seen) {
      await leaveBarrier(connection, watch, word.pid, tty)
      throw await this.#failures().blocked(seen)
    }
    const { size } = this.#end
    await begins(Promise.all([watch.start(), tty && size && resizeExec(this.#engine, main, size)]))
    await begins(watch.watch(word.pid))
    if (watch.lost) this.#end.note(`no watchdog in ${this.#target.name} (${watch.lost}): the command may outlive us`)
    const through = (source: 'stdout' | 'stderr') => ({ through: (see: Filter) => output.filter(see, source) })
    const blocked = behindBarrier({ stdout: through('stdout'), stderr: through('stderr') }, tag, tty)
    connection.write('\n')
    const unbegun = async () => {
      const why = blocked()
      return why && this.#failures().notBecome(why)
    }
    return new ExecSession(this.#engine, main, connection, output, this.#sessionKind(watch, unbegun))
  }

  #begins<T>(step: Promise<T>, opened: Omit<HalfOpen, 'isSeen'>): Promise<T> {
    return beginsOrEnds(step, this.#abort, this.#target.name, { ...opened, isSeen: isSeen(this.#target) })
  }

  async #onHost(tag: string, toldPid: () => Promise<number>, inside: () => Promise<Watching>): Promise<Watching> {
    // What was asked of the engine goes out first, and is answered while the child is started.
    await new Promise((go) => setImmediate(go))
    return new HostWatch(this.#target.pid, tag, toldPid, inside)
  }

  /** Without a shell inside: the plain exec. Nothing can end it when we are killed, and that is said. */
  async #bare(): Promise<Session> {
    const { tty } = this.#request
    this.#end.note(`no shell in ${this.#target.name}: signals do not reach the command, and it may outlive us`)
    const program = this.#words[0] ?? ''
    const [id, obstacle] = await Promise.all([
      this.#create(this.#words, this.#request.env),
      // Without it, words like the runtime's are the command's own.
      obstacleIn(this.#target, this.#request, program, this.#engine),
    ])
    const connection = await startExec(this.#engine, id, tty, this.#end.size, this.#abort)
    const output = this.#output(connection, id)
    const { isWord, unrun } = obstacle ? runtimesWord(output, tty) : { isWord: () => false, unrun: () => undefined }
    const first = await this.#begins(
      firstOutput(this.#engine, id, output, (text) => notStarted.test(text) || isWord(text)),
      { exec: id, connection },
    )
    if (notStarted.test(first)) {
      await output.ended
      throw await this.#failures().notStarted(first)
    }
    const unbegun = async () => (obstacle && unrun() !== undefined ? this.#failures().blocked(obstacle) : undefined)
    return new ExecSession(this.#engine, id, connection, output, this.#sessionKind(undefined, unbegun))
  }

  #create(command: readonly string[], env: readonly string[]): Promise<string> {
    const { user, workdir, tty } = this.#request
    const config: ExecConfig = {
      command,
      ...(this.#where ? { user: this.#where.user, workdir: '/' } : { user, workdir }),
      env,
      tty,
      stdin: true,
      size: this.#end.size,
      detachKeys: this.#end.detachKeys ?? noDetachKeys,
    }
    return createExec(this.#engine, this.#where?.container ?? this.#target.id, config, this.#abort)
  }

  #output(connection: Duplex, exec: string): Output {
    const stillRuns = async () => (await inspectExec(this.#engine, exec)).running
    const { apart, warn } = this.#end
    // One of many, perhaps: a file may hold more of it than memory.
    return new Output(connection, this.#request.tty, stillRuns, warn, apart ? { memory: 1024 * 1024 } : {})
  }

  #sessionKind(watch: Watching | undefined, unbegun: SessionKind['unbegun']): SessionKind {
    return { tty: this.#request.tty, mayDetach: this.#end.detachKeys !== undefined, watch, unbegun }
  }

  #failures(): OpeningFailures {
    return new OpeningFailures(this.#engine, { target: this.#target, request: this.#request }, this.#words[0] ?? '')
  }
}
