import type { CommandShape, FlagShape } from '../argv'

export interface FlagDefinition extends FlagShape {
  readonly summary: string
  /** The values it takes, if they are few. */
  readonly options: readonly string[]
  /** What its help calls the value: `FILE`, `DIR`, `NAME`. */
  readonly helpValue: string
  readonly multiple: boolean
}

export interface ArgDefinition {
  readonly name: string
  readonly options: readonly string[]
}

/** What completion has to know of a command. */
export interface CommandDefinition extends CommandShape {
  /** Topics by a space: `key install`. */
  readonly id: string
  readonly summary: string
  readonly flags: readonly FlagDefinition[]
  readonly args: readonly ArgDefinition[]
  /** More words than `args` are taken, each as the last of them. */
  readonly many: boolean
  /** Its TARGET may be one that does not run. */
  readonly anyState: boolean
  /** What its words are, where they are not each a TARGET or what `args` says. */
  readonly words: string
}

/**
 * Every command that is not hidden, from oclif's manifest: that is made of the definitions that are
 * parsed, and reading it loads none of the commands.
 */
export function definitionsOf(manifest: unknown): CommandDefinition[] {
  return entries(field(manifest, 'commands')).flatMap(([id, command]) =>
    field(command, 'hidden') === true ? [] : [definition(id.replaceAll(':', ' '), command)],
  )
}

function definition(id: string, command: unknown): CommandDefinition {
  return {
    id,
    summary: text(command, 'summary'),
    flags: visible(command, 'flags').map(([name, flag]) => ({
      name,
      ...(text(flag, 'char') && { char: text(flag, 'char') }),
      value: field(flag, 'type') === 'option',
      summary: text(flag, 'description'),
      options: texts(field(flag, 'options')),
      helpValue: text(flag, 'helpValue'),
      multiple: field(flag, 'multiple') === true,
    })),
    args: visible(command, 'args').map(([name, arg]) => ({ name, options: texts(field(arg, 'options')) })),
    many: field(command, 'strict') === false,
    takesWords: field(command, 'takesWords') === true,
    takesMany: field(command, 'takesMany') === true,
    targetFlags: texts(field(command, 'targetFlags')),
    anyState: field(command, 'anyState') === true,
    words: text(command, 'words'),
  }
}

function visible(command: unknown, what: 'flags' | 'args') {
  return entries(field(command, what)).filter(([, value]) => field(value, 'hidden') !== true)
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function text(value: unknown, name: string): string {
  const found = field(value, name)
  return typeof found === 'string' ? found : ''
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
