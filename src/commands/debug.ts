import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { type DebugOptions, runInCopy, runInImage, unpaused } from '../cli/debug/copy-session'
import { chosenToolbox, toolsFolder } from '../cli/debug/toolbox-flags'
import { reachEngine } from '../cli/engine'
import { findOn } from '../cli/find-target'
import { engineFlags, requestFlags } from '../cli/flags'
import { say } from '../cli/output/errors'
import { describe, requestOf, runPlan } from '../cli/run-session'
import { sshSurroundings } from '../cli/ssh-options'
import { unseal } from '../lib/argv'
import { settle } from '../lib/config/resolve-settings'
import { readSettings, type Settings } from '../lib/config/settings'
import type { Engine } from '../lib/engine/engine'
import { DockerBashError } from '../lib/errors'
import type { Request, Target } from '../lib/model'
import { plan } from '../lib/plan'
import { parseTarget } from '../lib/target/parse'
import { resolve } from '../lib/target/resolve'
import { withRuntime } from '../lib/target/runtime'
import { requireRunning } from '../lib/target/state'
import { terminalSize } from '../lib/terminal/size'
import { transports } from '../lib/transport/order'
import type { Surroundings } from '../lib/transport/shared/deps'

/** An image: nothing of a container's labels counts. */
const unlabelled = { name: '', labels: {} }
const here = () => ({ cwd: process.cwd(), env: process.env })

export default class Debug extends Command {
  static override summary = 'a shell with tools of its own, also where a container has none or does not run'
  static override usage = 'debug [FLAGS] TARGET [COMMAND [ARG…]]'
  static override examples = [
    'docker-bash debug web              tools in a container that has none',
    'docker-bash debug job              a throwaway copy of one that does not run',
    'docker-bash debug image:app:1.2    a container of an image',
    'docker-bash debug --unpause web    a paused one, running while you look',
    'docker-bash debug -u 0 --toolbox busybox:musl web    as root, with the tools of an image',
  ]
  static override description =
    'A running container: its processes, network and files, and a shell and tools from a static busybox, or of an image\n' +
    'or a folder of yours. Nothing is written into it. One that does not run: a copy with its image, mounts (read-only),\n' +
    'variables, network and user; not what it changed in its own files. As the container’s own user, unless -u says who.'
  static override takesWords = true
  static override anyState = true
  static override args = {
    words: Args.string({ hidden: true, required: true, ignoreStdin: true }),
    target: Args.string({ ignoreStdin: true, description: 'the container, or an image' }),
  }
  static override flags = {
    user: requestFlags.user,
    workdir: requestFlags.workdir,
    env: requestFlags.env,
    'env-file': requestFlags['env-file'],
    script: Flags.string({ char: 'c', helpValue: 'TEXT', description: 'run TEXT with the shell' }),
    tools: Flags.string({
      helpValue: 'DIR',
      description: 'a folder of your own static programs to bring along',
    }),
    toolbox: Flags.string({
      helpValue: 'IMAGE',
      description: 'an image of the engine’s: its static programs instead of the built-in busybox',
    }),
    copy: Flags.boolean({ description: 'a copy, even of one that runs' }),
    unpause: Flags.boolean({ description: 'unpause a paused one while the session lasts' }),
    writable: Flags.boolean({ description: 'what is read-only may be written: the root, and the mounts of a copy' }),
    keep: Flags.boolean({ description: 'keep the copy' }),
    entrypoint: Flags.boolean({ description: 'run in the copy what the container would have started' }),
    tty: Flags.boolean({ char: 't', description: 'insist on a terminal', exclusive: ['no-tty'] }),
    'no-tty': Flags.boolean({ char: 'T', description: 'refuse a terminal' }),
    'no-stdin': Flags.boolean({ char: 'n', description: 'input from nothing' }),
    ...engineFlags,
    verbose: Flags.boolean({ char: 'v', description: 'say which way was taken and why' }),
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { args, flags } = await this.parse(Debug)
    const text = args.target
    if (text === undefined) throw new DockerBashError('no TARGET', { hint: 'docker-bash ls --all shows what there is' })
    const ref = parseTarget(text)
    const set = readSettings()
    const asked = requestOf(unseal(args.words), flags)
    const engine = await reachEngine(flags)
    const around = surroundings(asked, flags, set)
    const copying: DebugOptions = flags
    if (ref.kind === 'image' || text.includes(':') || text.includes('/')) {
      const image = ref.kind === 'image' ? ref.text : text
      const code = await runInImage(engine, image, settle(asked, unlabelled, set), copying, around)
      if (code !== undefined) return code
    }
    const found = await findOn(engine, ref, { behind: asked.command.length }).catch(async (error: unknown) => {
      const code = await runInImage(engine, text, settle(asked, unlabelled, set), copying, around)
      if (code === undefined) throw error
      return code
    })
    if (typeof found === 'number') return found
    const { engine: there, target } = found
    const request = settle(asked, target, set)
    if (target.state === 'paused' && !flags.copy) return paused(there, target, request, around, flags.unpause)
    if (target.state !== 'running' || flags.copy) return runInCopy(there, target, request, copying, around)
    return bringTools(there, target, request, around)
  }
}

async function paused(engine: Engine, target: Target, request: Request, around: Surroundings, unpause: boolean) {
  if (!unpause) {
    throw new DockerBashError(`${target.name} is paused: nothing in it can run`, {
      hint: `docker-bash debug --unpause ${target.name} for as long as you look, or --copy ${target.name}`,
    })
  }
  const pause = await unpaused(engine, target)
  try {
    const running = await resolve(engine, { kind: 'id', text: target.id }, here())
    return await bringTools(engine, running, request, around)
  } finally {
    await pause()
  }
}

function bringTools(engine: Engine, found: Target, request: Request, around: Surroundings): Promise<number> {
  requireRunning(found)
  const target = withRuntime(found, 'debug')
  const pidNow = async () => (await resolve(engine, { kind: 'id', text: target.id }, here())).pid
  const ways = transports(engine, { ...around, pidNow })
  const chosen = plan(target, { ...request, via: 'debug' }, ways)
  around.note(describe(chosen))
  return runPlan(ways, chosen)
}

function surroundings(
  request: Request,
  flags: { verbose: boolean; writable: boolean; tools?: string | undefined; toolbox?: string | undefined },
  set: Settings,
): Surroundings {
  return {
    findShell: () => Promise.resolve(undefined),
    pidNow: () => Promise.resolve(0),
    size: request.tty ? terminalSize() : undefined,
    detachKeys: undefined,
    ssh: sshSurroundings({ via: 'debug' }),
    tools: toolsFolder(flags.tools),
    toolbox: chosenToolbox(flags.toolbox, set),
    writable: flags.writable,
    note: flags.verbose ? say : () => undefined,
    warn: say,
  }
}
