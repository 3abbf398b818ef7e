import { Command } from '../../cli/base-command'
import { print } from '../../cli/output/print'
import { remove, sshConfig } from '../../lib/gateway/ssh-config'
import { safe } from '../../lib/text/escape-controls'

export default class SshConfigRemove extends Command {
  static override summary = 'no ssh web.docker from now on: the Include line goes, and what it included'
  static override examples = ['docker-bash ssh-config remove']

  async run(): Promise<void> {
    await this.parse(SshConfigRemove)
    const config = sshConfig()
    await print(
      `${safe(remove(config) ? `${config.main} is as it was` : `there is nothing of ours in ${config.main}`)}\n`,
    )
  }
}
