import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../../cli/base-command'
import { reachEngine } from '../../cli/engine'
import { forceFlag, keyFlags, toEach, userFlag } from '../../cli/keys/for-each-target'
import { askPassphrase } from '../../cli/ssh-options'
import { DockerBashError } from '../../lib/errors'

export default class KeyRevoke extends Command {
  static override summary = 'take keys out of containers, proved by a refused login'
  static override usage = 'key revoke [FLAGS] TARGET… | --all'
  static override examples = ['docker-bash key revoke web', 'docker-bash key revoke --all --key SHA256:…']
  static override strict = false
  static override args = { target: Args.string({ ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    all: Flags.boolean({ description: 'all running containers that a key of yours is enrolled for' }),
    key: Flags.string({ helpValue: 'SHA256:…', description: 'this key, whoever’s; default: those of yours' }),
    ...userFlag,
    ...forceFlag,
    ...keyFlags,
  }

  async run(): Promise<number> {
    const { argv, flags } = await this.parse(KeyRevoke)
    if (!flags.all && argv.length === 0) {
      throw new DockerBashError('no TARGET', { hint: 'docker-bash key revoke web, or --all' })
    }
    const { revoke } = await import('../../lib/keys/revoke')
    const { requireOurs } = await import('../../lib/files/data-files')
    requireOurs()
    const { enrolledHere } = await import('../../lib/keys/enrolled-here')
    const asked = await reachEngine(flags)
    const words = flags.all ? await enrolledHere(asked) : (argv as string[])
    return toEach(asked, {
      words,
      verb: 'revoked',
      again: 'docker-bash key revoke',
      json: flags.json,
      act: ({ engine, target }) =>
        revoke(engine, target, { user: flags.user, key: flags.key, force: flags.force, ask: askPassphrase }),
    })
  }
}
