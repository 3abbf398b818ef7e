import { readFileSync } from 'node:fs'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { findTarget } from '../cli/find-target'
import { engineFlags, jsonFlag, requestFlags } from '../cli/flags'
import { print, printJson } from '../cli/output/print'
import { packaged } from '../cli/package-path'
import { requestOf } from '../cli/run-session'
import { effective } from '../lib/config/effective-settings'
import { configFile } from '../lib/config/file'
import { readSettings } from '../lib/config/settings'
import { parseTarget } from '../lib/target/parse'
import { table } from '../lib/terminal/table'

export default class Config extends Command {
  static override summary = 'your settings, and where each came from'
  static override examples = [
    'docker-bash config',
    'docker-bash config web        with what the labels of web say',
    'docker-bash config --schema   what the file may hold, as JSON schema',
  ]
  static override description =
    'Flags win, then the environment (DOCKER_BASH_VIA and so on), then ~/.config/docker-bash/config.json, then, for\n' +
    'shell, user and workdir only, the labels docker-bash.* of the container.'
  static override args = {
    target: Args.string({ ignoreStdin: true, description: 'a container, whose labels count then' }),
  }
  static override flags = {
    user: requestFlags.user,
    workdir: requestFlags.workdir,
    via: requestFlags.via,
    schema: Flags.boolean({ description: "the file's JSON schema", exclusive: ['json'] }),
    ...jsonFlag,
    ...engineFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Config)
    if (flags.schema) return print(readFileSync(packaged('config.schema.json'), 'utf8'))
    const ref = args.target === undefined ? undefined : parseTarget(args.target)
    const request = requestOf([], { ...flags, tty: false, 'no-tty': true, 'no-stdin': true })
    const set = readSettings()
    const target = ref && (await findTarget(ref, flags, { word: args.target ?? '' })).target
    const file = configFile(process.env)
    const settings = effective(request, target, set)
    if (flags.json) return printJson({ file, settings })
    const rows = Object.entries(settings).map(([key, { value, from, where }]) => [
      key,
      shown(value),
      from,
      where === file ? `${key} in ${file}` : (where ?? '-'),
    ])
    await print(table(['KEY', 'VALUE', 'FROM', 'WHERE'], rows))
  }
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '-')
  const pairs = Object.entries(value).map(([name, one]) => `${name}=${one}`)
  return pairs.join(' ') || '-'
}
