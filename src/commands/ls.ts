import * as Flags from '@oclif/core/flags'
import { Command } from '../command'
import { reachEngine } from '../engine'
import { warnOfExposure } from '../exposure'
import { engineFlags, jsonFlag } from '../flags'
import type { Listed } from '../lib/target/list'
import { listTargets } from '../lib/target/list'
import { table } from '../lib/terminal/table'
import { since } from '../lib/terminal/time'
import { print } from '../print'

export default class Ls extends Command {
  static override summary = 'what runs, and how each can be entered'
  static override examples = [
    'docker-bash ls',
    'docker-bash ls --all',
    'docker-bash ls --filter label=tier=front --json',
  ]
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
    const engine = await reachEngine(flags)
    const listed = await listTargets(engine, { all: flags.all, filters: flags.filter ?? [] })
    await warnOfExposure(engine, listed)
    if (flags.json) return print(`${JSON.stringify(listed, null, 2)}\n`)
    const rows = listed.map((one) => [
      one.name,
      one.id.slice(0, 12),
      one.image,
      stateOf(one),
      one.address ?? '-',
      one.enter,
    ])
    await print(table(['NAME', 'ID', 'IMAGE', 'STATE', 'ADDRESS', 'ENTER'], rows))
  }
}

function stateOf({ state, createdAt }: Listed): string {
  return state === 'running' ? `up, made ${since(Date.parse(createdAt))} ago` : state
}
