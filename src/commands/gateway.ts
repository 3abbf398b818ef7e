import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { engineFlags } from '../cli/flags'
import { gateway } from '../cli/gateway/gateway'
import { limitFlags } from '../cli/gateway/limit-flags'

export default class Gateway extends Command {
  static override summary = 'an SSH server in front of all containers, for those who have a key'
  static override usage = 'gateway --authorized-keys FILE [FLAGS]'
  static override examples = [
    'docker-bash gateway --authorized-keys ~/.ssh/authorized_keys --allow label:tier=front',
    'ssh -p 2222 web@127.0.0.1                                 the login name is the TARGET',
    'ssh -p 2222 app%web@127.0.0.1 psql                        as another user, with a command',
    'docker-bash gateway --host-key >> ~/.ssh/known_hosts      its key, before the first connection',
  ]
  static override description =
    'What proxy is for one container and for yourself, for many and over a network: sessions, files and forwarding, and\n' +
    'nothing in the container. FILE is in sshd’s format, read anew at each login; an option that is not supported\n' +
    'lets nobody in. Who logs in may be any user inside. What happens is told in lines of JSON. Sockets of systemd’s\n' +
    '(LISTEN_FDS) are taken instead of --listen. Ends by SIGINT or SIGTERM, and all sessions with it.'
  static override flags = {
    listen: Flags.string({
      helpValue: '[ADDRESS:]PORT',
      description: 'where; without ADDRESS for this machine alone',
      default: '127.0.0.1:2222',
    }),
    'authorized-keys': Flags.string({ helpValue: 'FILE', description: 'the public keys of those who may come in' }),
    allow: Flags.string({
      helpValue: 'SELECTOR',
      description: 'these containers and no others, as for run; again for more',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    ...limitFlags,
    idle: Flags.string({
      helpValue: 'TIME',
      description: 'ends who sends nothing for so long; 0: nobody',
      default: '12h',
    }),
    audit: Flags.string({ helpValue: 'FILE', description: 'append what happens to it, and not to stderr' }),
    'host-key': Flags.boolean({ description: 'print the line for known_hosts, and nothing else' }),
    ...engineFlags,
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { flags } = await this.parse(Gateway)
    return gateway(flags)
  }
}
