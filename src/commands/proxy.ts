import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { engineFlags } from '../cli/flags'
import { proxy } from '../cli/gateway/proxy'

export default class ProxyCommand extends Command {
  static override summary = 'any SSH client into a container: the ProxyCommand that leads there'
  static override usage = 'proxy [FLAGS] TARGET'
  static override examples = [
    'docker-bash ssh-config install                            sets it up: ssh web.docker from then on',
    "ssh -o ProxyCommand='docker-bash proxy %n' web            without any of that",
    'DOCKER_BASH_VIA=debug ssh web.docker                      with tools brought along',
  ]
  static override description =
    'An SSH server for one container, on stdin and stdout: sessions, files (scp, sftp, rsync), and forwarding out of its\n' +
    'network and into it. Nothing listens, and nothing is needed in the container: no sshd, no key. It asks for no key\n' +
    'because whoever can write to its input has started it. 125 when there is no such container.'
  static override args = {
    target: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'as everywhere; .docker behind it is left out',
    }),
  }
  static override flags = {
    via: Flags.option({ options: ['auto', 'exec', 'debug'] as const, default: 'auto' as const })({
      description: 'the way of all sessions; debug brings tools along, whatever there is',
    }),
    verbose: Flags.boolean({ char: 'v', description: 'say which way was taken and why' }),
    ...engineFlags,
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { args, flags } = await this.parse(ProxyCommand)
    return proxy(args.target, flags)
  }
}
