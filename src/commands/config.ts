import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { printSettings } from '../cli/config'
import { engineFlags, jsonFlag, requestFlags } from '../cli/flags'
import { printJson } from '../cli/output/print'
import { jsonSchema } from '../lib/config/json-schema'

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
    if (flags.schema) return printJson(jsonSchema())
    return printSettings(args.target, flags)
  }
}
