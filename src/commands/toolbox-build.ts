import { Command } from '../cli/base-command'
import { reachEngine } from '../cli/engine'
import { engineFlags } from '../cli/flags'
import { print } from '../cli/output/print'
import { toolboxImage } from '../lib/toolbox/image'

export default class ToolboxBuild extends Command {
  static override summary = "make the toolbox's image from this host's static busybox, with no registry"
  static override examples = ['docker-bash toolbox build']
  static override description = 'It is made by itself when debug needs it. Prints its name.'
  static override flags = { ...engineFlags }

  async run(): Promise<void> {
    const { flags } = await this.parse(ToolboxBuild)
    await print(`${(await toolboxImage(await reachEngine(flags))).tag}\n`)
  }
}
