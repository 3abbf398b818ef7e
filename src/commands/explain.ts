import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { explain } from '../cli/explain/explain'
import { engineFlags, helperFlags, jsonFlag, requestFlags } from '../cli/flags'
import { sshFlags } from '../cli/ssh-options'

const otherFlags = {
  cp: Flags.boolean({ description: 'how cp copies its files instead, and why', exclusive: ['compare', 'forward'] }),
  forward: Flags.boolean({ description: 'how forward reaches its ports instead, and why', exclusive: ['compare'] }),
  compare: Flags.boolean({ description: 'every way in side by side, measured in this container', exclusive: ['json'] }),
}

export default class Explain extends Command {
  static override summary = 'every way into a container, which is taken, and why'
  static override examples = [
    'docker-bash explain web',
    'docker-bash explain -u app --via exec web',
    'docker-bash explain --compare web',
    'docker-bash explain --json web',
    'docker-bash explain --cp web                 which way its files are copied',
  ]
  static override anyState = true
  static override args = { target: Args.string({ required: true, ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    user: requestFlags.user,
    via: requestFlags.via,
    ...sshFlags,
    ...helperFlags,
    ...otherFlags,
    ...jsonFlag,
    ...engineFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Explain)
    return explain(args.target, flags)
  }
}
