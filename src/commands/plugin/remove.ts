import { Command } from '../../command'
import { removeLink } from '../../lib/plugin/link'
import { safe } from '../../lib/terminal/safe'
import { pluginLink } from '../../plugin'
import { print } from '../../print'

export default class PluginRemove extends Command {
  static override summary = 'no docker bash from now on; docker-bash stays'
  static override examples = ['docker-bash plugin remove']

  async run(): Promise<void> {
    await this.parse(PluginRemove)
    const { path, program } = pluginLink()
    await print(`${safe(removeLink(path, program) ? `${path} is gone` : `there is no ${path}`)}\n`)
  }
}
