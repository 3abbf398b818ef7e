import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { debug } from '../cli/debug/debug'
import { debugFlags } from '../cli/debug/debug-flags'
import { engineFlags, requestFlags, ttyFlags } from '../cli/flags'
import { unseal } from '../lib/argv'

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
    ...debugFlags,
    ...ttyFlags,
    'no-stdin': Flags.boolean({ char: 'n', description: 'input from nothing' }),
    ...engineFlags,
    verbose: Flags.boolean({ char: 'v', description: 'say which way was taken and why' }),
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { args, flags } = await this.parse(Debug)
    return debug(args.target, unseal(args.words), flags)
  }
}
