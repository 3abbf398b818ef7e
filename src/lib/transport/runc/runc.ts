import { closeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { namelessFile } from '../../host/anonymous-file'
import { cgroupFile } from '../../host/cgroup'
import { ChildWithWatchdog } from '../../host/child-with-watchdog'
import { isEmpty, mayGoInside, mayInheritStdin, mayInheritStdout } from '../../host/inheritable-stdio'
import { holdPipes, inputOf, outputOf } from '../../host/pipes-of-process'
import { type ProcessStat, supervisorOf } from '../../host/proc'
import { wordsOf } from '../../inside/argv'
import { type BarrierWord, barrierFor } from '../../inside/barrier'
import { Preface } from '../../inside/preface'
import { newTag } from '../../inside/tag'
import {
  type Judge,
  knownRuntime,
  knownShells,
  type Plan,
  type Probed,
  type Request,
  type Runtime,
  type Session,
  type Transport,
  type Verdict,
} from '../../model'
import { begins, shortly } from '../../session/beginning'
import { holdSignals } from '../../session/signals'
import { mergedEnv, usualPath } from '../../text/env-entries'
import {
  engineHere,
  newPrivileges,
  preconditions,
  type Refusal,
  roomFor,
  runs,
  shellIfNeeded,
  verdictOf,
} from '../shared/preconditions'
import { obstacleIn } from '../shared/program-files'
import { fds, runtimeWords } from './argv'
import { restoreNewlines } from './console'
import type { RuncDeps } from './deps'
import { RuntimeLog } from './log'
import { RuncSession } from './session'
import { processSpec } from './spec'

export const runcJudge: Judge = { name: 'runc', judge }

/** The container's own runtime run directly: exec without the engine in the way of a byte. */
export function runcTransport(deps: RuncDeps): Transport {
  return { ...runcJudge, open: (plan, abort) => new RuncOpening(deps, plan).open(abort) }
}

function judge(target: Probed, request: Request): Verdict {
  const costs = ['no exec event in the engine’s log', 'needs root on the host']
  const verdict = (outcome: Refusal | string) => verdictOf('runc', costs, outcome)
  const refusal = preconditions(target, request, [runs, engineHere])
  if (refusal) return verdict(refusal)
  const { runtime } = target
  if (!runtime.looked) return verdict({ because: 'only root on the engine’s host can run the runtime' })
  if ('missing' in runtime.found) return verdict({ because: runtime.found.missing })
  return verdict(
    preconditions(target, request, [newPrivileges, roomFor('runc'), shellIfNeeded]) ??
      `root on this host, ${runtime.found.kind}’s state found`,
  )
}

class RuncOpening {
  readonly #deps: RuncDeps
  readonly #target: Probed
  readonly #request: Request
  readonly #runtime: Runtime
  readonly #words: readonly string[]
  readonly #tag: string
  readonly #hasBarrier: boolean
  /** What comes to us need not be copied by the runtime, where the barrier gives the command another output. */
  readonly #hasOwnOutput: boolean

  constructor(deps: RuncDeps, { target, request }: Plan) {
    const runtime = knownRuntime(target)
    if (!runtime) throw new TypeError('judged out')
    this.#deps = deps
    this.#target = target
    this.#request = request
    this.#runtime = runtime
    this.#words = wordsOf(target, request)
    this.#hasBarrier = request.tty || this.#copiesInput()
    this.#hasOwnOutput = this.#hasBarrier && !request.tty && this.#deps.apart === true
    this.#tag = this.#hasBarrier ? newTag() : ''
  }

  /**
   * runc copies input, and when the command has had enough of it, hands the SIGPIPE that it gets for that on to the
   * command. So we hold the command's end open too, from before it begins.
   */
  #copiesInput(): boolean {
    const { tty, stdin } = this.#request
    return !tty && stdin && this.#runtime.kind === 'runc' && (this.#deps.apart || !isEmpty(0))
  }

  async open(abort: AbortSignal): Promise<Session> {
    // Only a terminal, whose settings have to be put right before the first byte, and input that is copied need the barrier.
    const shell = this.#hasBarrier ? await this.#posixShell() : undefined
    const [log, spec] = await Promise.all([RuntimeLog.open(), this.#spec(shell)])
    holdSignals()
    const running = this.#start(log, spec, shell)
    const session = new RuncSession(running, log, this.#target, this.#request)
    try {
      if (shell) await this.#pass(running, session, abort)
      else if (this.#request.tty) void running.inner().then((inner) => inner && restoreNewlines(inner.pid))
      return session
    } catch (error) {
      await shortly(session.close())
      running.leave()
      throw error
    }
  }

  async #posixShell(): Promise<string | undefined> {
    return knownShells(this.#target).find((path) => !/fish|csh/.test(path)) ?? (await this.#deps.findShell())
  }

  #spec(shell: string | undefined): Promise<number> {
    const given = mergedEnv([usualPath, ...this.#target.env], this.#request.env)
    const { command, variables } = shell
      ? barrierFor(shell, this.#tag, this.#words, given, { apart: true })
      : { command: this.#words, variables: [] }
    const request = { ...this.#request, env: [...this.#request.env, ...variables] }
    const asked = processSpec(this.#target, request, this.#runtime, command, this.#deps.size)
    return namelessFile(asked)
  }

  #start(log: RuntimeLog, spec: number, shell: string | undefined): ChildWithWatchdog {
    const { tty, stdin } = this.#request
    const terminal = tty ? (isatty(0) && isatty(1) ? 'ours' : 'new') : undefined
    // A new terminal echoes what comes before the runtime has made it raw, so it is fed by us, and later.
    const ours = !this.#deps.apart
    // crun does not copy: what it has is what the command gets. For input that is nothing there is a pipe that ends.
    const handsOn = this.#runtime.kind === 'crun' && !terminal
    const mayTake = (fd: 0 | 1) => (handsOn ? mayGoInside(fd) : fd ? mayInheritStdout() : mayInheritStdin())
    const direct = terminal ? terminal === 'ours' : ours && mayTake(0)
    const input = terminal === 'new' ? 'pipe' : !stdin ? (handsOn ? 'pipe' : 'ignore') : direct ? 0 : 'pipe'
    const output = terminal === 'ours' || (ours && mayTake(1)) ? 1 : 'pipe'
    const hasPipe = shell !== undefined && this.#hasOwnOutput
    try {
      return new ChildWithWatchdog(
        runtimeWords(this.#runtime, this.#target.id, { tty, hasBarrier: shell !== undefined, hasOutput: hasPipe }),
        {
          stdio: [input, output, 'pipe', shell ? 'pipe' : 'ignore', 'ignore', spec, log.fd],
          ...{ terminal, hasPipe },
          // Not the first process: it is the container's, and sets its own as it likes.
          like: supervisorOf(this.#target.pid),
          waitsForAll: this.#runtime.kind === 'crun',
          members: cgroupFile(this.#target.pid, 'cgroup.procs'),
        },
      )
    } finally {
      closeSync(spec)
    }
  }

  /** Waits at the barrier until the terminal is as it should be. */
  async #pass(running: ChildWithWatchdog, session: RuncSession, abort: AbortSignal): Promise<void> {
    const { name } = this.#target
    const program = this.#words[0] ?? ''
    const looking = obstacleIn(this.#target, this.#request, program)
    const word = await begins(barrierWord(running.stream(fds.barrier), this.#tag, name), abort, name)
    if (word?.status !== 0) {
      if (!word) await session.ended
      const { notFound, notRunnable, startError } = await import('../shared/start-errors')
      if (word) throw word.status === 127 ? notFound(name, program) : notRunnable(name, program)
      throw startError(this.#target, this.#request, 'the shell in it ended before the command began')
    }
    const obstacle = await looking
    if (obstacle) throw (await import('../shared/not-run')).blocked(name, program, obstacle)
    const inner = await running.inner()
    if (inner && this.#request.tty) await restoreNewlines(inner.pid)
    if (inner && this.#copiesInput()) this.#leadInput(running, session, inner)
    const straight = inner && this.#hasOwnOutput && outputOf(inner, fds.output)
    if (straight) session.readFrom(straight)
    running.stream(fds.barrier).end(straight ? 'pipe\n' : '\n')
  }

  /** What comes from us need not be copied by the runtime: it is written into the command's own pipe. */
  #leadInput({ child }: ChildWithWatchdog, session: RuncSession, inner: ProcessStat): void {
    const straight = child.stdin && inputOf(inner)
    if (straight) session.writeTo(straight)
    else child.once('exit', holdPipes(inner))
  }
}

/**
 * The barrier's word; undefined when it ended without one.
 * @param name the container's
 * @throws DockerBashError when too much comes before it
 */
function barrierWord(from: Readable, tag: string, name: string): Promise<BarrierWord | undefined> {
  return new Promise((settle, reject) => {
    const preface = new Preface(tag, name)
    from.on('data', (chunk: Buffer) => {
      try {
        const read = preface.take(chunk)
        if (read) settle(read.word)
      } catch (error) {
        from.destroy()
        reject(error)
      }
    })
    from.once('close', () => settle(undefined))
  })
}
