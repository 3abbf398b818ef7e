import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../../cli/base-command'
import { reachEngine } from '../../cli/engine'
import { forceFlag, keyFlags, toEach } from '../../cli/keys/for-each-target'
import { askPassphrase } from '../../cli/ssh-options'
import { DockerBashError } from '../../lib/errors'

export default class KeyRotate extends Command {
  static override summary = 'a new key in, tried, the old one out'
  static override usage = 'key rotate [FLAGS] TARGET… | --all'
  static override examples = ['docker-bash key rotate web', 'docker-bash key rotate --all --json']
  static override description =
    'The old key goes only once the new one has opened the container. Ended at any moment, a key of yours still\n' +
    'works; run it again and it goes on where it was. The image’s insecure key goes, too.'
  static override strict = false
  static override args = { target: Args.string({ ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    all: Flags.boolean({ description: 'all running containers that a key of yours is enrolled for' }),
    ...forceFlag,
    ...keyFlags,
  }

  async run(): Promise<number> {
    const { argv, flags } = await this.parse(KeyRotate)
    if (!flags.all && argv.length === 0) {
      throw new DockerBashError('no TARGET', { hint: 'docker-bash key rotate web, or --all' })
    }
    const { rotate } = await import('../../lib/keys/rotate')
    const { requireOurs } = await import('../../lib/files/data-files')
    requireOurs()
    const { enrolledHere } = await import('../../lib/keys/enrolled-here')
    const { successor } = await import('../../lib/keys/successor')
    const asked = await reachEngine(flags)
    const words = flags.all ? await enrolledHere(asked) : (argv as string[])
    const next = successor()
    return toEach(asked, {
      words,
      verb: 'rotated',
      again: 'docker-bash key rotate',
      json: flags.json,
      act: ({ engine, target }, doing) =>
        rotate(engine, target, { force: flags.force, ask: askPassphrase, next: () => next(target), step: doing }),
    })
  }
}
