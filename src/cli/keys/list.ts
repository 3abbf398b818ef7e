import type { EndpointChoice } from '../../lib/engine/endpoint'
import { table } from '../../lib/terminal/table'
import { reachEngine } from '../engine'
import { say, warn } from '../output/errors'
import { print, printJson } from '../output/print'
import { runningTarget } from './for-each-target'

export interface KeyListFlags extends EndpointChoice {
  readonly user?: string | undefined
  readonly json: boolean
}

/** Prints who may log in to a container. @param word TARGET */
export async function listLogins(word: string, flags: KeyListFlags): Promise<void> {
  const { whoMayLogIn } = await import('../../lib/keys/listing')
  const { exposure } = await import('../../lib/ssh/exposure')
  const { engine, target } = await runningTarget(await reachEngine(flags), word, { word })
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

/** Prints the user's own keys, and what each opens. */
export async function listOwn(json: boolean): Promise<void> {
  const { ownKeys } = await import('../../lib/keys/store')
  const { enrolments } = await import('../../lib/ssh/enrolment')
  const { requireOurs } = await import('../../lib/files/data-files')
  requireOurs()
  const known = enrolments(warn)
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
