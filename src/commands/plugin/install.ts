import { Command } from '../../cli/base-command'
import { pluginLink } from '../../cli/docker-plugin/link-options'
import { print } from '../../cli/output/print'
import { putLink } from '../../lib/plugin/link'
import { safe } from '../../lib/text/escape-controls'

export default class PluginInstall extends Command {
  static override summary = 'docker bash from now on'
  static override examples = ['docker-bash plugin install', 'DOCKER_CONFIG=/etc/docker-ci docker-bash plugin install']
  static override description =
    "The link is cli-plugins/docker-bash in Docker's config folder: ~/.docker, or where DOCKER_CONFIG says. Docker's\n" +
    'client 19.03 and newer takes it; from 23 on its own completion completes ours, too.'

  async run(): Promise<void> {
    await this.parse(PluginInstall)
    const { path, program } = pluginLink()
    const isNew = putLink(path, program)
    await print(`${safe(isNew ? `docker bash works from now on: ${path}` : `${path} is there already`)}\n`)
  }
}
