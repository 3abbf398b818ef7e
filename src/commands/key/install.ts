import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../../cli/base-command'
import { reachEngine } from '../../cli/engine'
import { forceFlag, keyFlags, toEach, userFlag } from '../../cli/keys/for-each-target'
import { say } from '../../cli/output/errors'
import { askPassphrase } from '../../cli/ssh-options'

export default class KeyInstall extends Command {
  static override summary = 'authorise a key in containers, so that SSH takes it'
  static override usage = 'key install [FLAGS] TARGET…'
  static override examples = ['docker-bash key install web', 'docker-bash key install -u app --key work web db']
  static override description =
    'Makes host keys where there are none, starts sshd where runit looks after it, puts the public key into the\n' +
    'authorized_keys file that its sshd reads, and logs in to prove it. The key is made at first use.'
  static override strict = false
  static override args = { target: Args.string({ required: true, ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    ...userFlag,
    key: Flags.string({ helpValue: 'NAME', description: 'which key of ours; default: the one called default' }),
    ...forceFlag,
    ...keyFlags,
  }

  async run(): Promise<number> {
    const { argv, flags } = await this.parse(KeyInstall)
    const { requireOurs } = await import('../../lib/files/data-files')
    requireOurs()
    const { install, keyToInstall } = await import('../../lib/keys/install')
    const { exposure } = await import('../../lib/ssh/exposure')
    const asked = await reachEngine(flags)
    let chosen: ReturnType<typeof keyToInstall> | undefined
    return toEach(asked, {
      words: argv as string[],
      verb: 'installed',
      again: 'docker-bash key install',
      json: flags.json,
      act: async ({ engine, target }) => {
        chosen ??= keyToInstall(flags.key)
        const { key, made } = await chosen
        const did = await install(engine, target, key, {
          user: flags.user,
          key: flags.key,
          force: flags.force,
          ask: askPassphrase,
        })
        const warning = await exposure(engine, target)
        if (warning) say(warning)
        return made ? [`key ${key.name} made`, ...did] : did
      },
    })
  }
}
