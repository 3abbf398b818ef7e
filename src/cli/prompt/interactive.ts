import { isatty } from 'node:tty'
import { readSettings, type Settings } from '../../lib/config/settings'
import { quoteAll } from '../../lib/text/quote'
import { startsCommand } from '../command-names'
import { say } from '../output/errors'

/** Whether to ask which container is meant: at a terminal, unless the user's settings say no. */
export function mayAsk(set: Settings = readSettings()): boolean {
  return (set.picker?.value ?? true) && isatty(0) && isatty(2)
}

/** Where TARGET stands in the command line: what it is, or how many words are behind it. */
export type Typed = { readonly word: string } | { readonly behind: number }

/**
 * Says what to type next time.
 * @param typed the TARGET to put the name in place of; without one it comes behind all that was typed
 * @param verb the command to say before it then, if need be
 */
export function tellLine(name: string, typed?: Typed, verb = ''): void {
  const argv = process.argv.slice(2)
  const target = startsCommand(name) ? `name:${name}` : name
  const at = typed && ('word' in typed ? argv.lastIndexOf(typed.word) : argv.length - typed.behind - 1)
  const words = at === undefined ? [...argv, ...(verb ? [verb] : []), target] : argv.with(at, target)
  say(`the same: ${quoteAll(['docker-bash', ...words])}`)
}
