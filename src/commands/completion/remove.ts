import { Command } from '../../cli/base-command'
import { setupFor, shellArg } from '../../cli/completion'
import { print } from '../../cli/output/print'
import { takeBack } from '../../lib/complete/shells'
import { safe } from '../../lib/text/escape-controls'

export default class CompletionRemove extends Command {
  static override summary = "the line of ours out of the shell's own file"
  static override examples = ['docker-bash completion remove', 'docker-bash completion remove fish']
  static override args = shellArg

  async run(): Promise<void> {
    const { args } = await this.parse(CompletionRemove)
    const setup = setupFor(args.shell)
    await print(`${safe(takeBack(setup) ? `gone from ${setup.file}` : `there is nothing of ours in ${setup.file}`)}\n`)
  }
}
