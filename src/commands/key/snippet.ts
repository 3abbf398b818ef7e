import * as Args from '@oclif/core/args'
import { Command } from '../../cli/base-command'
import { print } from '../../cli/output/print'

export default class KeySnippet extends Command {
  static override summary = 'Dockerfile lines that bake a public key into an image, and that switch sshd off'
  static override usage = 'key snippet [NAME]'
  static override examples = ['docker-bash key snippet >>Dockerfile']
  static override args = {
    name: Args.string({ ignoreStdin: true, default: 'default', description: 'which key of yours' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(KeySnippet)
    const { snippet } = await import('../../lib/keys/snippet')
    await print(snippet(args.name))
  }
}
