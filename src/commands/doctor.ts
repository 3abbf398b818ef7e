import { Command } from '../cli/base-command'
import { examine, findingsText } from '../cli/doctor'
import { engineFlags, jsonFlag } from '../cli/flags'
import { print, printJson } from '../cli/output/print'

export default class Doctor extends Command {
  static override summary = 'check this set-up, and show how to fix it'
  static override examples = ['docker-bash doctor', 'docker-bash doctor --context prod', 'docker-bash doctor --json']
  static override description =
    'The engine, your rights, versions, the runtime’s state, programs, the ssh client, the modes of key files, the\n' +
    'config, the plugin and the completion. Each line is in order (✓), good to know (!) or to be fixed (✗), with the\n' +
    'command for it. Nothing is changed. Ends with 125 if anything is to be fixed.'
  static override flags = { ...jsonFlag, ...engineFlags }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { flags } = await this.parse(Doctor)
    const findings = await examine(flags)
    await (flags.json ? printJson(findings) : print(findingsText(findings)))
    return findings.some(({ verdict }) => verdict === 'fail') ? 125 : 0
  }
}
