import * as Args from '@oclif/core/args'
import { Command } from '../../cli/base-command'
import { keyFlags, userFlag } from '../../cli/keys/for-each-target'
import { listLogins, listOwn } from '../../cli/keys/list'

export default class KeyList extends Command {
  static override summary = 'keys of yours; with TARGET, who may log in to it'
  static override usage = 'key list [FLAGS] [TARGET]'
  static override examples = [
    'docker-bash key list',
    'docker-bash key list web',
    'docker-bash key list -u app web --json',
  ]
  static override args = { target: Args.string({ ignoreStdin: true, description: 'the container' }) }
  static override flags = { ...userFlag, ...keyFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(KeyList)
    return args.target === undefined ? listOwn(flags.json) : listLogins(args.target, flags)
  }
}
