import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../../cli/base-command'
import { jsonFlag } from '../../cli/flags'
import { print, printJson } from '../../cli/output/print'
import { askPassphrase } from '../../cli/ssh-options'
import { DockerBashError } from '../../lib/errors'
import { askSecret } from '../../lib/terminal/passphrase'
import { safe } from '../../lib/text/escape-controls'

export default class KeyGenerate extends Command {
  static override summary = 'a new key of yours, or an existing one taken over'
  static override usage = 'key generate [FLAGS] [NAME]'
  static override examples = [
    'docker-bash key generate',
    'docker-bash key generate --passphrase work',
    'docker-bash key generate --import ~/work.ppk work',
  ]
  static override args = {
    name: Args.string({ ignoreStdin: true, default: 'default', description: 'what to call it' }),
  }
  static override flags = {
    passphrase: Flags.boolean({ description: 'ask for a passphrase to lock it with' }),
    import: Flags.string({
      helpValue: 'FILE',
      description: 'an OpenSSH, PEM or PuTTY file to take',
      exclusive: ['passphrase'],
    }),
    ...jsonFlag,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(KeyGenerate)
    const { generateKey, importKey } = await import('../../lib/keys/store')
    const key = flags.import
      ? await importKey(args.name, flags.import, askPassphrase)
      : generateKey(args.name, flags.passphrase ? await newPassphrase() : undefined)
    const { name, path, fingerprint } = key
    if (flags.json) return printJson({ name, path, fingerprint })
    await print(`${name}  ${fingerprint}  ${safe(path)}\n`)
  }
}

async function newPassphrase(): Promise<string> {
  const first = await askSecret('passphrase:')
  if (first === '')
    throw new DockerBashError('the passphrase is empty', { hint: 'leave --passphrase out for a key without one' })
  if (first !== (await askSecret('the same again:'))) {
    throw new DockerBashError('the passphrases differ', { hint: 'nothing was made; run it again' })
  }
  return first
}
