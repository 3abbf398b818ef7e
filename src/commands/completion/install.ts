import { Command } from '../../cli/base-command'
import { setupFor, shellArg } from '../../cli/completion'
import { print } from '../../cli/output/print'
import { setUp } from '../../lib/complete/shells'
import { safe } from '../../lib/text/escape-controls'

export default class CompletionInstall extends Command {
  static override summary = "completion in every new shell: one line in the shell's own file"
  static override examples = ['docker-bash completion install', 'docker-bash completion install fish']
  static override args = shellArg

  async run(): Promise<void> {
    const { args } = await this.parse(CompletionInstall)
    const setup = setupFor(args.shell)
    const isNew = setUp(setup)
    const said = isNew
      ? `${setup.shell} completes from its next start on: ${setup.file}`
      : `${setup.file} has it already`
    await print(`${safe(said)}\n`)
  }
}
