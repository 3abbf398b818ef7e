import * as Flags from '@oclif/core/flags'
import { Command } from '../../cli/base-command'
import { engineFlags } from '../../cli/flags'
import { installConfig } from '../../cli/gateway/ssh-config'

export default class SshConfigInstall extends Command {
  static override summary = 'ssh web.docker from now on: one Include line in ~/.ssh/config'
  static override examples = ['docker-bash ssh-config install', 'docker-bash ssh-config install --yes']
  static override description =
    'The line goes in front of all others; what it includes is a file of its own beside the settings of docker-bash.\n' +
    'Both are shown first. An engine that is named by -H or --context is the one that every ssh asks from then on.'
  static override flags = { yes: Flags.boolean({ description: 'without asking' }), ...engineFlags }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { flags } = await this.parse(SshConfigInstall)
    return installConfig(flags, flags.yes)
  }
}
