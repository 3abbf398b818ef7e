import { Command } from '../../cli/base-command'
import { pluginLink } from '../../cli/docker-plugin/link-options'
import { print } from '../../cli/output/print'
import { removeLink } from '../../lib/plugin/link'
import { safe } from '../../lib/text/escape-controls'

export default class PluginRemove extends Command {
  static override summary = 'no docker bash from now on; docker-bash stays'
  static override examples = ['docker-bash plugin remove']

  async run(): Promise<void> {
    await this.parse(PluginRemove)
    const { path, program } = pluginLink()
    await print(`${safe(removeLink(path, program) ? `${path} is gone` : `there is no ${path}`)}\n`)
  }
}
