import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { enter } from '../cli/enter/enter'
import { engineFlags, helperFlags, requestFlags, ttyFlags } from '../cli/flags'
import { sshFlags } from '../cli/ssh-options'
import { unseal } from '../lib/argv'

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
    ...ttyFlags,
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
    return enter(args.target, unseal(args.words), flags)
  }
}
