import { fstatSync, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import type { Engine } from '../lib/engine/engine'
import { requestedEnv } from '../lib/env'
import { DockerBashError, NotBegun } from '../lib/errors'
import type { Ending, Plan, Request, Session, Transport, TransportName } from '../lib/model'
import { planWithout } from '../lib/plan'
import { attach } from '../lib/session/attach'
import { exitCodeOf } from '../lib/session/ending'
import { FileInput } from '../lib/session/file-input'
import { abortOnSignals, forwardSignals, stopWaiting } from '../lib/session/signals'
import { Sink } from '../lib/session/sink'
import { whyStuck } from '../lib/target/stuck'
import { RawTerminal } from '../lib/terminal/raw'
import { onResize } from '../lib/terminal/size'
import { requireUtf8 } from '../lib/terminal/words'
import { inForeground, stopsTogether } from './job-control'
import { say } from './output/errors'
import { ran } from './run-profile'

export interface RequestFlags {
  readonly user?: string | undefined
  readonly workdir?: string | undefined
  readonly script?: string | undefined
  readonly env?: readonly string[] | undefined
  readonly 'env-file'?: readonly string[] | undefined
  readonly via?: TransportName | 'auto' | undefined
  readonly helper?: boolean | undefined
  readonly tty: boolean
  readonly 'no-tty': boolean
  readonly 'no-stdin': boolean
}

/** What the flags and the words behind TARGET ask for. */
export function requestOf(command: readonly string[], flags: RequestFlags): Request {
  requireUtf8(command)
  const { user, workdir, script, via, helper } = flags
  if (workdir && !workdir.startsWith('/')) {
    throw new DockerBashError(`invalid folder "${workdir}" for -w: not an absolute path`, {
      hint: `write it from the root: -w /${workdir}`,
    })
  }
  if (helper && via !== 'nsenter') {
    throw new DockerBashError('--helper is for --via nsenter only', {
      hint: 'docker-bash --via nsenter --helper TARGET',
    })
  }
  const stdin = !flags['no-stdin']
  const tty = flags.tty || (!flags['no-tty'] && stdin && isatty(0) && isatty(1))
  return {
    command,
    env: requestedEnv(flags.env ?? [], flags['env-file'] ?? [], process.env),
    ...(tty && ownTerm()),
    tty,
    stdin,
    ...(script !== undefined && { script }),
    ...(user && { user }),
    ...(workdir && { workdir }),
    ...(via && via !== 'auto' && { via }),
    ...(helper && { helper }),
  }
}

/**
 * Opens what was chosen and joins it to our terminal or pipes, until it ends.
 * @param engine asked, where the host does not tell, why a signal has no effect
 * @returns the exit code
 */
export async function runPlan(ways: readonly Transport[], chosen: Plan, engine?: Engine): Promise<number> {
  const way = ways.find(({ name }) => name === chosen.transport)
  if (!way) throw new TypeError(`no transport ${chosen.transport}`)
  ran.push(chosen.request.tty ? `${way.name}:tty` : way.name)
  const how = await join(way, chosen, engine)
  if ('lost' in how) say(`lost ${chosen.target.name}: ${how.lost}`)
  return exitCodeOf(how)
}

/** The same; where the way could not begin for a reason of its own, and nobody asked for it, by the next that fits. */
export async function runPlanOrNext(ways: readonly Transport[], chosen: Plan, engine?: Engine): Promise<number> {
  for (let plan = chosen; ; ) {
    try {
      return await runPlan(ways, plan, engine)
    } catch (error) {
      const next = error instanceof NotBegun ? planWithout(plan, error.message) : undefined
      if (!next || !(error instanceof NotBegun)) throw error
      say(`not by ${plan.transport}: ${error.message}; by ${next.transport} instead`)
      plan = next
    }
  }
}

async function join(way: Transport, chosen: Plan, engine: Engine | undefined): Promise<Ending> {
  const { request } = chosen
  if (request.tty && isatty(0)) await inForeground()
  const terminal = new RawTerminal()
  // A child that is handed our terminal changes it too, before we do.
  if (request.tty && isatty(0)) terminal.save()
  let stopResizing: (() => void) | undefined
  let partStops: (() => void) | undefined
  try {
    const abort = abortOnSignals()
    const session = await opened(way.open(chosen, abort), abort)
    const { resize } = session
    if (request.tty && resize) stopResizing = onResize(({ columns, rows }) => resize(columns, rows))
    if (request.tty && isatty(0)) terminal.enter()
    if (!request.tty && session.signal) partStops = stopsTogether(session)
    const streams = {
      // Asking for process.stdin makes a pipe non-blocking, for a child that reads it as well.
      ...(request.stdin && session.stdin && !isNothing(0) && { stdin: ownInput() }),
      stdout: new Sink(1),
      stderr: new Sink(2),
    }
    const { hear, left } = untilStuck(() => whyStuck(engine, chosen.target))
    return await attach(session, streams, hear, left)
  } finally {
    stopWaiting()
    terminal.restore()
    stopResizing?.()
    partStops?.()
  }
}

/** Signals that are sent to end something. */
const ending = new Set<NodeJS.Signals>(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'])

/** How long (ms) a command has to end by a signal before it is asked whether it can. */
const graceMs = 1500

/**
 * Signals for a command, until there is one that it cannot be given: then whoever sent it has his way with us. The first
 * waits a moment, the second is meant.
 * @param why tells what stands in the way, if anything does
 */
function untilStuck(why: () => Promise<string | undefined>) {
  let give: (ending: Ending) => void = () => undefined
  const left = new Promise<Ending>((settle) => {
    give = settle
  })
  const timers: NodeJS.Timeout[] = []
  let count = 0
  const look = async (signal: NodeJS.Signals) => {
    const because = await why()
    if (because === undefined || count < 0) return
    count = Number.NEGATIVE_INFINITY
    say(`${because}: what runs in it cannot take ${signal} now and is ended as soon as it can`)
    give({ signal })
  }
  const hear = (take: (name: NodeJS.Signals) => void) => {
    const stop = forwardSignals((name) => {
      take(name)
      if (ending.has(name)) timers.push(setTimeout(() => void look(name), count++ === 0 ? graceMs : 0).unref())
    })
    return () => {
      stop()
      count = Number.NEGATIVE_INFINITY
      for (const timer of timers) clearTimeout(timer)
    }
  }
  return { hear, left }
}

/** How long (ms) a transport has to undo what it began. What is left then ends with us. */
const undoMs = 2000

/**
 * The session, unless a signal ends the wait for it.
 * @throws the reason of `abort`, whatever the transport made of it
 */
async function opened(opening: Promise<Session>, abort: AbortSignal): Promise<Session> {
  let undone: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const aborted = () => {
      undone = setTimeout(() => reject(abort.reason), undoMs)
    }
    abort.addEventListener('abort', aborted, { once: true })
  })
  try {
    return await Promise.race([opening, late])
  } catch (error) {
    throw abort.aborted ? abort.reason : error
  } finally {
    clearTimeout(undone)
  }
}

/** Our stdin to read from. */
function ownInput(): Readable | FileInput {
  return fstatSync(0).isFile() ? new FileInput(0) : process.stdin
}

/** Whether a descriptor is /dev/null: making a stream of it to see that it is empty takes milliseconds. */
function isNothing(fd: number): boolean {
  try {
    const [here, there] = [fstatSync(fd), statSync('/dev/null')]
    return here.isCharacterDevice() && here.rdev === there.rdev
  } catch {
    return false
  }
}

/** The line of `-v`. */
export function describe({ target, request, transport, verdicts }: Plan): string {
  const verdict = verdicts.find((one) => one.transport === transport)
  const user = request.user || target.user || 'root'
  const where = request.workdir ? ` in ${request.workdir}` : ''
  const { prefer } = request
  const unfit = prefer && prefer !== transport && verdicts.find((one) => one.transport === prefer)
  const wish = unfit ? `; your setting ${prefer} does not fit: ${unfit.because}` : ''
  const own = prefer === transport ? '; your setting' : ''
  return `${target.name} (${target.id.slice(0, 12)}) by ${transport}, as ${user}${where}: ${verdict?.because}${own}${wish}`
}

/** Our kind of terminal, when every distribution's smallest terminfo knows it; otherwise the engine's own `xterm`. */
function ownTerm(): Pick<Request, 'term'> {
  const { TERM } = process.env
  const common = /^(xterm(-256color|-color)?|screen(-256color)?|tmux(-256color)?|linux|vt100|vt220|rxvt|dumb)$/
  return TERM && common.test(TERM) ? { term: TERM } : {}
}
