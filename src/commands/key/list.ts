import * as Args from '@oclif/core/args'
import { Command } from '../../cli/base-command'
import { reachEngine } from '../../cli/engine'
import { keyFlags, runningTarget, userFlag } from '../../cli/keys/for-each-target'
import { say } from '../../cli/output/errors'
import { print, printJson } from '../../cli/output/print'
import { table } from '../../lib/terminal/table'

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
    if (args.target === undefined) return listOwn(flags.json)
    const { whoMayLogIn } = await import('../../lib/keys/listing')
    const { exposure } = await import('../../lib/ssh/exposure')
    const { engine, target } = await runningTarget(await reachEngine(flags), args.target, { word: args.target })
    const { entries, notes } = await whoMayLogIn(engine, target, flags.user)
    for (const note of notes) say(note)
    const warning = await exposure(engine, target)
    if (warning) say(warning)
    if (flags.json) return printJson(entries)
    const rows = entries.map(({ whose, user, type, fingerprint, comment, file, line, options }) => [
      whose,
      user,
      type,
      fingerprint,
      `${file}:${line}`,
      [options, comment].filter(Boolean).join(' ') || '-',
    ])
    await print(table(['WHOSE', 'USER', 'TYPE', 'FINGERPRINT', 'WHERE', 'COMMENT'], rows))
  }
}

async function listOwn(json: boolean): Promise<void> {
  const { ownKeys } = await import('../../lib/keys/store')
  const { enrolments } = await import('../../lib/ssh/enrolment')
  const { requireOurs } = await import('../../lib/files/data-files')
  requireOurs()
  const known = enrolments()
  const keys = ownKeys().map(({ name, path, fingerprint, encrypted, public: { type } }) => {
    const opens = known.filter(({ keys }) => keys.some(({ key }) => key === name)).map((one) => one.name)
    return { name, type, fingerprint, passphrase: encrypted, path, opens }
  })
  if (json) return printJson(keys)
  const rows = keys.map((key) => [
    key.name,
    key.type,
    key.fingerprint,
    key.passphrase ? 'yes' : 'no',
    key.opens.join(' ') || '-',
  ])
  await print(table(['NAME', 'TYPE', 'FINGERPRINT', 'PASSPHRASE', 'OPENS'], rows))
}
