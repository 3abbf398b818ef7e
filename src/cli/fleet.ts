import { isatty } from 'node:tty'
import { monotonic } from '../lib/clock'
import { readSettings, type Settings } from '../lib/config/settings'
import type { EndpointChoice } from '../lib/engine/endpoint'
import type { Engine } from '../lib/engine/engine'
import { DockerBashError } from '../lib/errors'
import { Fleet } from '../lib/fleet/fleet'
import { Grouped } from '../lib/fleet/grouped'
import { SharedInput } from '../lib/fleet/input'
import { JsonLines } from '../lib/fleet/json'
import { Live } from '../lib/fleet/live'
import { open } from '../lib/fleet/open'
import { exitCodeOfAll, summaryOf, timedOutCode } from '../lib/fleet/outcome'
import { Prefixed } from '../lib/fleet/prefixed'
import { RuncSupervisor } from '../lib/fleet/runc-supervisor'
import { Screen } from '../lib/fleet/screen'
import { type Member, type Selection, select, selectAll } from '../lib/fleet/select'
import type { View } from '../lib/fleet/view'
import type { Request } from '../lib/model'
import { exitCodeOf } from '../lib/session/ending'
import { forwardSignals } from '../lib/session/signals'
import { here } from '../lib/target/compose'
import { coloursFor } from '../lib/terminal/colour'
import { parseDuration } from '../lib/text/duration'
import { safe } from '../lib/text/escape-controls'
import { reachEngine } from './engine'
import { say } from './output/errors'
import { print } from './output/print'
import { type RequestFlags, requestOf } from './run-session'

export interface FleetFlags extends Omit<RequestFlags, 'tty' | 'no-tty' | 'no-stdin'>, EndpointChoice {
  readonly all: boolean
  readonly parallel: number
  readonly timeout?: string | undefined
  readonly stdin: 'none' | 'each'
  readonly group: boolean
  readonly json: boolean
  readonly verbose: boolean
}

/** The same command in all that the selectors mean. @returns the exit code */
export async function runFleet(
  selectors: readonly string[],
  command: readonly string[],
  flags: FleetFlags,
): Promise<number> {
  requireSense(selectors, command, flags)
  const timeoutMs = flags.timeout === undefined ? undefined : parseDuration(flags.timeout, '--timeout')
  const clock = { timeoutMs, from: monotonic() }
  const request = requestOf(command, { ...flags, tty: false, 'no-tty': true, 'no-stdin': flags.stdin === 'none' })
  const settings = readSettings()
  const engine = await inTime(reachEngine(flags), clock)
  try {
    const selection = await inTime(selected(engine, selectors, flags), clock)
    sayLeftOut(selection)
    const input = flags.stdin === 'each' ? await inTime(SharedInput.read(process.stdin), clock) : undefined
    try {
      return await runIn(selection.members, { request, settings }, flags, clock, input)
    } finally {
      input?.close()
    }
  } finally {
    engine.close()
  }
}

/** When the command line was given, by a clock that nobody sets, and how long all of it may take. */
interface Clock {
  readonly timeoutMs: number | undefined
  readonly from: number
}

/** @throws DockerBashError when the time is up before anything was begun */
async function inTime<T>(work: Promise<T>, { timeoutMs, from }: Clock): Promise<T> {
  if (timeoutMs === undefined) return work
  let late: NodeJS.Timeout | undefined
  const up = new Promise<never>((_, reject) => {
    const error = new DockerBashError(`nothing was begun: the time was up after ${timeoutMs / 1000} s`, {
      hint: 'the engine took too long to answer: docker-bash doctor looks at it',
      code: timedOutCode,
    })
    late = setTimeout(() => reject(error), timeoutMs - (monotonic() - from))
  })
  try {
    return await Promise.race([work, up])
  } finally {
    clearTimeout(late)
    work.catch(() => undefined)
  }
}

async function runIn(
  members: readonly Member[],
  { request, settings }: { request: Request; settings: Settings },
  flags: FleetFlags,
  { timeoutMs, from }: Clock,
  input: SharedInput | undefined,
): Promise<number> {
  const live = new Live(members, coloursFor(2))
  const screen = new Screen(live)
  const tell = ({ name }: Member, text: string) =>
    void screen.write(2, Buffer.from(`docker-bash: ${safe(name)}: ${safe(text)}\n`)).catch(() => undefined)
  const supervisor = mayUseRuntimes(members, request) ? await RuncSupervisor.start() : undefined
  const fleet = new Fleet({
    members,
    parallel: atMost(members, flags.parallel),
    timeoutMs,
    spentMs: monotonic() - from,
    open: (member, abort) =>
      open(member, { request, settings, supervisor, note: flags.verbose ? tell : () => undefined, warn: tell }, abort),
    ...(input && { input: () => input.stream() }),
    view: watched(viewOf(members, screen, flags), live),
    begun: (member) => live.begun(member),
  })
  const stop = forwardSignals((name) => (/USR/.test(name) ? fleet.pass(name) : fleet.interrupt(name)))
  try {
    const outcomes = await fleet.run()
    await screen.finish(live.isWhole)
    const named = members.map(({ name }, at) => ({ name, outcome: outcomes[at] ?? unknown }))
    await print(`docker-bash: ${summaryOf(named).join('\n')}\n`, 2)
    return fleet.signal ? exitCodeOf({ signal: fleet.signal }) : exitCodeOfAll(outcomes)
  } finally {
    await screen.finish(false)
    stop()
    supervisor?.close()
  }
}

/** Root on the engine's host, and nothing to be read. */
function mayUseRuntimes(members: readonly Member[], { stdin, via }: Request): boolean {
  return (
    !stdin &&
    via !== 'exec' &&
    process.getuid?.() === 0 &&
    RuncSupervisor.isPossible &&
    members.some(({ engine }) => engine.local)
  )
}

/** By ssh each question may be a login of its own, and an sshd takes ten at a time (MaxStartups). */
function atMost(members: readonly Member[], wanted: number): number {
  return members.some(({ engine }) => engine.endpoint.kind === 'ssh') ? Math.min(wanted, 2) : wanted
}

/** What cannot be: every task ends with an outcome. */
const unknown = { code: 255, begun: false, seconds: 0 }

function requireSense(selectors: readonly string[], command: readonly string[], flags: FleetFlags): void {
  if (flags.all && selectors.length > 0) {
    throw new DockerBashError('--all and a SELECTOR', { hint: 'take one of the two: docker-bash run --all -- uptime' })
  }
  if (!flags.all && selectors.length === 0) {
    throw new DockerBashError('no SELECTOR', {
      hint: "docker-bash run 'web-*' -- uptime, or --all; docker-bash ls shows what runs",
    })
  }
  if (command.length === 0 && flags.script === undefined) {
    const names = flags.all ? '--all' : selectors.slice(0, 1).join(' ')
    throw new DockerBashError('no COMMAND', { hint: `it stands behind --: docker-bash run ${names} -- uptime` })
  }
}

async function selected(engine: Engine, selectors: readonly string[], { all }: FleetFlags): Promise<Selection> {
  if (all) return selectAll(engine)
  const tasks = async (service: string) => {
    const { runningTasks } = await import('../lib/target/swarm/all')
    const found = await runningTasks(engine, service, process.env)
    // A fleet is never smaller than was asked for, without a word of it.
    if (found?.lost[0]) throw found.lost[0].error
    return found?.reached
  }
  return select(engine, selectors, { around: here(), tasks })
}

function sayLeftOut({ leftOut }: Selection): void {
  if (leftOut.length === 0) return
  const names = leftOut.slice(0, 5).map(({ name, state }) => `${name} (${state})`)
  say(`left out, not running: ${names.join(', ')}${leftOut.length > 5 ? ` and ${leftOut.length - 5} more` : ''}`)
}

function viewOf(members: readonly Member[], screen: Screen, flags: FleetFlags): View {
  if (flags.json) return new JsonLines(screen)
  if (flags.group) return new Grouped(screen, coloursFor(1), isatty(1) && isatty(2))
  return new Prefixed(members, screen, { stdout: coloursFor(1), stderr: coloursFor(2) })
}

/** The same view, and its members' lines kept up to date. */
function watched(view: View, live: Live): View {
  return {
    output: (member, stream, bytes) => {
      live.said(member, bytes)
      return view.output(member, stream, bytes)
    },
    ended: (member, outcome) => {
      live.ended(member, outcome)
      return view.ended(member, outcome)
    },
  }
}
