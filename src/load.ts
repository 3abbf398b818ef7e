import type { Command } from './command'
import Enter from './commands/enter'
import type { CommandShape } from './lib/argv'

/** A command's class: its static properties, and how one is made of its words. */
type CommandClass = Omit<typeof Command, 'prototype'> & (new (argv: readonly string[]) => Command)
type Loader = () => Promise<{ default: CommandClass }>

/** By command ID, each loaded when it is meant; `enter` always is, until another is named. */
const loaders: Readonly<Record<string, Loader>> = {
  enter: () => Promise.resolve({ default: Enter }),
  explain: () => import('./commands/explain'),
  ip: () => import('./commands/ip'),
  ls: () => import('./commands/ls'),
}

export const ids = Object.keys(loaders)

export async function loadCommand(id: string): Promise<CommandClass> {
  const load = loaders[id]
  if (!load) throw new TypeError(`no command ${id}`)
  return (await load()).default
}

/** What the shield has to know of a command, from the flags that oclif will parse. */
export async function shapeOf(id: string): Promise<CommandShape> {
  const command = await loadCommand(id)
  return {
    flags: Object.entries(command.flags).map(([name, flag]) => ({
      name,
      value: flag.type === 'option',
      ...(flag.char && { char: flag.char }),
    })),
    takesWords: command.takesWords,
    targetFlags: command.targetFlags,
  }
}
