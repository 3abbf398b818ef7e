import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { cp } from '../cli/cp/cp'
import { engineFlags } from '../cli/flags'
import { unseal } from '../lib/argv'

export default class Cp extends Command {
  static override summary = 'files into, out of and between containers'
  static override usage = ['cp [FLAGS] SOURCE… DESTINATION']
  static override examples = [
    'docker-bash cp web:/etc/nginx .              out of it; TARGET:PATH on either side, or both',
    'docker-bash cp app.conf db.conf web:/etc/    into a folder of it',
    "docker-bash cp 'web:/var/log/*.log' logs/    its own names, by a pattern",
    'docker-bash cp -a dist/. web:/srv            with owners, all of the modes, extended attributes',
    'docker-bash cp a.conf label:tier=front:/etc/  into each that runs and fits',
    'docker-bash cp --from-context prod web:/data web:/    from another engine’s',
    'docker-bash cp - web:/srv < app.tar.gz       a tar, packed or not; web:/srv - makes one',
  ]
  static override description =
    'Goes as docker cp does, and as the container sees its files: tmpfs and volumes, too. Paths begin at /. What comes\n' +
    'in belongs to the container’s user, what comes out to you. Each file is written beside its place and renamed.\n' +
    'Ends with 0 when all is there, 1 when some could not be copied, 125 when nothing was begun or the rest is lost.'
  static override takesMany = true
  static override words = 'places' as const
  static override anyState = true
  static override args = {
    words: Args.string({ hidden: true, required: true, ignoreStdin: true }),
    selectors: Args.string({ hidden: true, required: true, ignoreStdin: true }),
  }
  static override flags = {
    archive: Flags.boolean({ char: 'a', description: 'owners by number, setuid, attributes, devices, too' }),
    'follow-link': Flags.boolean({ char: 'L', description: 'of a SOURCE that is a link: what it leads to' }),
    'no-clobber': Flags.boolean({ char: 'n', description: 'what is there stays' }),
    user: Flags.string({
      char: 'u',
      helpValue: 'NAME|UID[:GROUP]',
      description: 'as this user inside: may no more, and owns what comes in',
    }),
    chown: Flags.string({ helpValue: 'USER[:GROUP]', description: 'who owns the copies, there' }),
    chmod: Flags.string({ helpValue: 'MODE', description: 'the mode of the copies: 644; folders stay open' }),
    json: Flags.boolean({ description: 'what happens, as lines of JSON' }),
    verbose: Flags.boolean({ char: 'v', description: 'say which way was taken and why' }),
    'from-host': Flags.string({ helpValue: 'URL', description: 'the engine of SOURCE, where it is another one' }),
    'from-context': Flags.string({ helpValue: 'NAME', description: 'the same, by one of Docker’s contexts' }),
    ...engineFlags,
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { args, flags } = await this.parse(Cp)
    return cp([...unseal(args.selectors), ...unseal(args.words)], flags)
  }
}
