import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { engineOf } from '../cli/engine'
import { engineFlags, jsonFlag } from '../cli/flags'
import { warnOfExposure } from '../cli/keys/warn-exposed'
import { rowsOf, seenOf } from '../cli/list'
import { warn } from '../cli/output/errors'
import { print, printJson } from '../cli/output/print'
import { readSettings } from '../lib/config/settings'
import { listTargets } from '../lib/target/container-list'

export default class Ls extends Command {
  static override summary = 'what runs, and how each can be entered'
  static override examples = [
    'docker-bash ls',
    'docker-bash ls --all',
    'docker-bash ls --filter label=tier=front --json',
  ]
  static override description =
    'SHELL is what a session would begin with. SSHD is the port it listens on; off: installed, nothing listens; there:\n' +
    'installed, no more is known from here. KEYS let somebody in: yours by their names, others by their comments. BY is\n' +
    'the way a session would take. A question mark: not known without entering it.'
  static override flags = {
    all: Flags.boolean({ char: 'a', description: 'those that do not run, too' }),
    filter: Flags.string({
      helpValue: 'K=V',
      description: 'as in docker ps: name=, label=, status=, ancestor=, network=, …',
      multiple: true,
      multipleNonGreedy: true,
    }),
    ...jsonFlag,
    ...engineFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Ls)
    const set = readSettings()
    const engine = await engineOf(flags)
    const listed = await listTargets(engine, { all: flags.all, filters: flags.filter ?? [] })
    const [seen] = await Promise.all([seenOf(engine, listed, set, warn), warnOfExposure(engine, listed)])
    await (flags.json ? printJson(seen) : print(rowsOf(seen)))
  }
}
