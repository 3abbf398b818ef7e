import { Command } from '../../cli/base-command'
import { engineFlags } from '../../cli/flags'
import { printBlock } from '../../cli/gateway/ssh-config'

export default class SshConfig extends Command {
  static override summary = 'ssh web.docker: the block of ssh_config that leads every SSH client to docker-bash proxy'
  static override usage = 'ssh-config [FLAGS] | install [--yes] | remove'
  static override examples = [
    'docker-bash ssh-config install     one Include line in ~/.ssh/config, shown before',
    'docker-bash ssh-config remove      as it was',
    'docker-bash ssh-config             the block alone, for a place of your own',
    'ssh web.docker; ssh app@web.docker psql; scp dump.sql web.docker:/tmp/; rsync -a web.docker:/etc .',
  ]
  static override description =
    'In front of .docker stands any TARGET that a host name can be: web, web#2, service:web, an ID. Without a user it is\n' +
    'the container’s own. Nothing listens and no key is asked for: ssh starts docker-bash proxy and talks to it.'
  static override flags = engineFlags

  async run(): Promise<void> {
    const { flags } = await this.parse(SshConfig)
    await printBlock(flags)
  }
}
