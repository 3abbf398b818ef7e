import { type Cut, commandAt, cut, defaultCommand } from '../argv'
import type { ArgDefinition, CommandDefinition, FlagDefinition } from './definitions'

/** What the word under the cursor is. */
export type Position =
  /** A flag's name. */
  | { readonly kind: 'flag'; readonly command: CommandDefinition; readonly root: boolean }
  /** A flag's value; `head` is what of the word stands before it (`--via=`). */
  | { readonly kind: 'value'; readonly flag: FlagDefinition; readonly head: string }
  /** A command's name behind `topic`, or, without one, the first word there is: a command or TARGET. */
  | { readonly kind: 'command'; readonly topic: string; readonly command: CommandDefinition }
  | { readonly kind: 'arg'; readonly command: CommandDefinition; readonly arg: ArgDefinition }
  /** A word of the user's own command; 0 is the program. */
  | { readonly kind: 'word'; readonly index: number }
  | { readonly kind: 'nothing' }

/** A line up to the cursor: what is under it, and the flags (`--name=value`) before it. */
export interface Line {
  readonly position: Position
  readonly flags: readonly string[]
  /** The words before it that are no flags, behind the command's name. */
  readonly given: readonly string[]
}

/**
 * Reads a line by the very cut that runs it.
 * @param before the words behind the program's name, up to the one under the cursor
 * @param word the one under the cursor, as far as it is typed
 */
export function readLine(before: readonly string[], word: string, commands: readonly CommandDefinition[]): Line {
  const enter = commands.find(({ id }) => id === defaultCommand)
  if (!enter) throw new TypeError('no command to enter by')
  const lead = cut(before, enter)
  const ids = commands.map(({ id }) => id)
  const named = lead.ended || lead.targeted ? undefined : commandAt(lead.rest, ids)
  const command = commands.find(({ id }) => id === named?.id)
  if (!named || !command) return { position: unnamed(lead, word, enter, ids), flags: lead.flags, given: [] }
  const rest = before.slice(before.length - lead.rest.length + named.words)
  const read = command.takesWords ? withWords(cut(rest, command), word, command) : mixed(rest, word, command, ids)
  return { ...read, flags: [...lead.flags, ...read.flags] }
}

/** No command is named, or not yet. */
function unnamed(lead: Cut, word: string, enter: CommandDefinition, ids: readonly string[]): Position {
  const fixed = inFlags(lead, word, enter, true)
  if (fixed) return fixed
  const [first] = lead.rest
  if (lead.targeted) return { kind: 'word', index: lead.rest.length }
  if (first === undefined) return { kind: 'command', topic: '', command: enter }
  const isTopic = lead.rest.length === 1 && !lead.ended && ids.some((id) => id.startsWith(`${first} `))
  return isTopic ? { kind: 'command', topic: first, command: enter } : { kind: 'word', index: lead.rest.length - 1 }
}

/** Flags, TARGET, then the user's own words. */
function withWords(read: Cut, word: string, command: CommandDefinition): Line {
  const line = (position: Position) => ({ position, flags: read.flags, given: read.rest })
  const fixed = inFlags(read, word, command, false)
  if (fixed) return line(fixed)
  if (read.targeted) return line({ kind: 'word', index: read.rest.length })
  const [arg] = command.args
  if (read.rest.length === 0 && arg) return line({ kind: 'arg', command, arg })
  return line({ kind: 'word', index: read.rest.length - 1 })
}

/** Flags and arguments in any order; behind `--`, arguments only, or the user's own words. */
function mixed(words: readonly string[], word: string, command: CommandDefinition, ids: readonly string[]): Line {
  const flags: string[] = []
  const given: string[] = []
  const line = (position: Position) => ({ position, flags, given })
  let read = cut(words, command)
  for (;;) {
    flags.push(...read.flags)
    if (read.ended) {
      if (!command.takesMany) given.push(...read.rest)
      break
    }
    const [one, ...rest] = read.rest
    if (one === undefined) break
    given.push(one)
    read = cut(rest, command)
  }
  const fixed = inFlags({ ...read, rest: [] }, word, command, false)
  if (fixed) return line(fixed)
  if (command.takesMany) {
    if (read.ended) return line({ kind: 'word', index: read.rest.length })
    return line({ kind: 'arg', command, arg: { name: command.words || 'selectors', options: [] } })
  }
  const isTopic = given.length === 0 && ids.some((id) => id.startsWith(`${command.id} `))
  if (isTopic) return line({ kind: 'command', topic: command.id, command })
  const arg = command.args[command.many ? Math.min(given.length, command.args.length - 1) : given.length]
  return line(arg ? { kind: 'arg', command, arg } : { kind: 'nothing' })
}

/** Where flags may stand: the value of the last one, or the name of the next. */
function inFlags(read: Cut, word: string, command: CommandDefinition, root: boolean): Position | undefined {
  if (read.asked) return { kind: 'nothing' }
  if (read.cutOff) {
    const name = read.flags.at(-1)?.slice(2)
    const flag = command.flags.find((one) => one.name === name)
    return flag ? { kind: 'value', flag, head: '' } : { kind: 'nothing' }
  }
  if (read.ended || read.targeted || read.rest.length > 0 || !word.startsWith('-')) return undefined
  const [, head, name] = /^(--([^=]+)=)/.exec(word) ?? []
  if (head === undefined) return { kind: 'flag', command, root }
  const flag = command.flags.find((one) => one.name === name && one.value)
  return flag ? { kind: 'value', flag, head } : { kind: 'nothing' }
}
