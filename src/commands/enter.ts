import { isatty } from 'node:tty'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { chosenToolbox } from '../cli/debug/toolbox-flags'
import { engineOf } from '../cli/engine'
import { loadAhead } from '../cli/enter/preload'
import { Ready } from '../cli/enter/warmup'
import { findByHand, findOn, tellAfterword, whereOf } from '../cli/find-target'
import { engineFlags, helperFlags, requestFlags } from '../cli/flags'
import { report, say } from '../cli/output/errors'
import { mayAsk } from '../cli/prompt/interactive'
import { describe, requestOf, runPlan } from '../cli/run-session'
import { type SshChoice, sshFlags, sshSurroundings, withSshd } from '../cli/ssh-options'
import { unseal } from '../lib/argv'
import { settle, wayOf } from '../lib/config/resolve-settings'
import { readSettings, type Settings } from '../lib/config/settings'
import type { EndpointChoice } from '../lib/engine/endpoint'
import type { Engine } from '../lib/engine/engine'
import { DockerBashError, messageOf } from '../lib/errors'
import { needsShell } from '../lib/inside/argv'
import type { Request, Target } from '../lib/model'
import { plan } from '../lib/plan'
import { isStopped } from '../lib/target/container-list'
import { offlineTarget, pidOf } from '../lib/target/offline'
import { parseTarget, type TargetRef } from '../lib/target/parse'
import { resolve } from '../lib/target/resolve'
import { withRuntime } from '../lib/target/runtime'
import { findShells } from '../lib/target/shells'
import { requireRunning } from '../lib/target/state'
import { oneKey } from '../lib/terminal/key'
import { terminalSize } from '../lib/terminal/size'
import { transports } from '../lib/transport/order'
import type { Surroundings } from '../lib/transport/shared/deps'

export default class Enter extends Command {
  static override summary = 'a shell or a command in a container'
  static override usage = 'enter [FLAGS] TARGET [COMMAND [ARG…]]'
  static override examples = [
    'docker-bash web                      a login shell',
    'docker-bash -u app web psql          a command, as a user',
    "docker-bash -c 'ps aux | wc -l' web  a script, run by the container's shell",
    'docker-bash enter ls                 a container named like a command of ours',
  ]
  static override description =
    'Flags stand before TARGET; from TARGET on every word belongs to the command.\n' +
    'TARGET is an ID, a name, a compose service (web, web#2), the start of an ID or a swarm task (web.2);\n' +
    'or says which: name: id: service: image: label:k=v task:'
  static override takesWords = true
  static override targetFlags = ['latest']
  static override args = {
    words: Args.string({ hidden: true, required: true, ignoreStdin: true }),
    target: Args.string({ ignoreStdin: true, description: 'the container' }),
  }
  static override flags = {
    latest: Flags.boolean({ char: 'l', description: 'the newest running container as TARGET' }),
    ...requestFlags,
    tty: Flags.boolean({ char: 't', description: 'insist on a terminal', exclusive: ['no-tty'] }),
    'no-tty': Flags.boolean({ char: 'T', description: 'refuse a terminal' }),
    'no-stdin': Flags.boolean({ char: 'n', description: 'input from nothing: safe inside `while read`' }),
    'detach-keys': Flags.string({ helpValue: 'KEYS', description: 'keys that leave the session; none by default' }),
    ...sshFlags,
    ...helperFlags,
    toolbox: Flags.string({ helpValue: 'IMAGE', description: 'the image for --helper, and of the tools of debug' }),
    ...engineFlags,
    verbose: Flags.boolean({ char: 'v', description: 'say which way was taken and why' }),
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { args, flags } = await this.parse(Enter)
    const set = readSettings()
    const picks = !flags.latest && args.target === undefined
    if (picks && (flags['no-stdin'] || !mayAsk(set))) {
      throw new DockerBashError('no TARGET', {
        hint: 'docker-bash ls shows what runs; docker-bash -l takes the newest',
      })
    }
    const ref = picks ? undefined : flags.latest ? ({ kind: 'latest' } as const) : parseTarget(args.target ?? '')
    const asked = requestOf(unseal(args.words), flags)
    const { engine, target, task, request, ssh, ready, ...more } = await reach(ref, asked, set, flags)
    const note = flags.verbose ? say : () => undefined
    if (task) note(whereOf(task))
    const around: Surroundings = {
      findShell: async () => (await findShells(engine, target, request.user, request.shell))[0],
      pidNow: async () =>
        engine ? (await resolve(engine, { kind: 'id', text: target.id }, here())).pid : pidOf(target),
      size: request.tty ? terminalSize() : undefined,
      detachKeys: flags['detach-keys'],
      ssh,
      keeper: ready?.keeper,
      toolbox: chosenToolbox(flags.toolbox, set),
      note,
      warn: say,
    }
    if (engine && 'copy' in more) {
      ready?.dropBut()
      const { runInCopy } = await import('../cli/debug/copy-session')
      return runInCopy(engine, target, request, { writable: false, keep: false, entrypoint: false }, around)
    }
    const ways = transports(engine, around)
    const chosen = plan(target, request, ways)
    ready?.dropBut(chosen.transport)
    note(describe(chosen))
    if (request.tty) remembered(target, note)
    const code = await runPlan(ways, chosen)
    // Ended from outside, perhaps: by a signal, or unknown how.
    if (task && (code === 255 || (code > 128 && flags.verbose))) await tellAfterword(task)
    return code
  }
}

function here() {
  return { cwd: process.cwd(), env: process.env }
}

/** On top in the picker next time; noted while the session begins. */
function remembered({ id }: Target, note: (text: string) => void): void {
  import('../lib/recent').then(({ remember }) => remember(id)).catch((error) => note(messageOf(error)))
}

/** The target, and the engine that told of it; without one where the host alone tells enough. */
async function reach(ref: TargetRef | undefined, asked: Request, set: Settings, flags: EndpointChoice & SshChoice) {
  const offline = ref && !asked.helper ? offlineTarget(ref, asked.via) : undefined
  if (offline) {
    const request = settle(asked, offline, set)
    const target = await probed(undefined, offline, request)
    return { engine: undefined, task: undefined, ready: undefined, ssh: sshSurroundings(flags), target, request }
  }
  const at = ref && engineOf(flags)
  loadAhead(asked.via ?? set.via?.value ?? 'auto')
  const ready = at?.local ? new Ready(asked, set) : undefined
  const typed = { behind: asked.command.length }
  const { engine, target: found, task } = at ? await findOn(at, ref, typed) : await findByHand(flags, set)
  const request = settle(asked, found, set)
  const common = { engine, task, request, ready }
  if ((!ref && isStopped(found.state)) || (await offersCopy(found, request)))
    return { ...common, target: found, ssh: sshSurroundings(flags), copy: true }
  const target = await probed(engine, found, request)
  return { ...common, ...(await withSshd(engine, target, { ...flags, via: wayOf(request) })) }
}

/**
 * What does not run cannot be entered. At a terminal a copy of it is one key away; a script never finds itself in one.
 */
async function offersCopy(target: Target, request: Request): Promise<boolean> {
  const isOffered = ['created', 'exited', 'dead', 'restarting'].includes(target.state)
  if (!isOffered || !request.tty || request.via || !isatty(0) || !isatty(2)) return false
  try {
    requireRunning(target)
  } catch (error) {
    report(error)
  }
  const key = await oneKey(() => say('look around in a copy now? y, or any other key for no'))
  if (key?.toLowerCase() === 'y') return true
  throw new DockerBashError(`${target.name} was left as it is`, { hint: `docker start ${target.name} starts it` })
}

/** The target with all that the verdicts need, and no more. */
async function probed(engine: Engine | undefined, found: Target, request: Request): Promise<Target> {
  requireRunning(found)
  const target = withRuntime(found, request.via)
  return needsShell(request)
    ? { ...target, shells: await findShells(engine, target, request.user, request.shell) }
    : target
}
