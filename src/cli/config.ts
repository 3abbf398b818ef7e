import { effective } from '../lib/config/effective-settings'
import { configFile } from '../lib/config/file'
import { readSettings } from '../lib/config/settings'
import type { EndpointChoice } from '../lib/engine/endpoint'
import { parseTarget } from '../lib/target/parse'
import { table } from '../lib/terminal/table'
import { findTarget } from './find-target'
import { print, printJson } from './output/print'
import { type RequestFlags, requestOf } from './run-session'

export interface ConfigFlags extends EndpointChoice, Pick<RequestFlags, 'user' | 'workdir' | 'via'> {
  readonly json: boolean
}

/** Prints the settings, and where each came from. @param word TARGET, whose labels count then */
export async function printSettings(word: string | undefined, flags: ConfigFlags): Promise<void> {
  const ref = word === undefined ? undefined : parseTarget(word)
  const request = requestOf([], { ...flags, tty: false, 'no-tty': true, 'no-stdin': true })
  const set = readSettings()
  const target = ref && (await findTarget(ref, flags, { word: word ?? '' })).target
  const file = configFile(process.env)
  const settings = effective(request, target, set)
  if (flags.json) return printJson({ file, settings })
  const rows = Object.entries(settings).map(([key, { value, from, where }]) => [
    key,
    shown(value),
    from,
    where === file ? `${key} in ${file}` : (where ?? '-'),
  ])
  await print(table(['KEY', 'VALUE', 'FROM', 'WHERE'], rows))
}

function shown(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value ?? '-')
  const pairs = Object.entries(value).map(([name, one]) => `${name}=${one}`)
  return pairs.join(' ') || '-'
}
