import type { Command } from './command'
import Enter from './commands/enter'
import type { CommandShape } from './lib/argv'

/** A command's class: its static properties, and how one is made of its words. */
type CommandClass = Omit<typeof Command, 'prototype'> & (new (argv: readonly string[]) => Command)
type Loader = () => Promise<{ default: CommandClass }>

/** By command ID, each loaded when it is meant; `enter` always is, until another is named. */
const loaders: Readonly<Record<string, Loader>> = {
  enter: () => Promise.resolve({ default: Enter }),
  completion: () => import('./commands/completion'),
  'completion install': () => import('./commands/completion/install'),
  'completion remove': () => import('./commands/completion/remove'),
  config: () => import('./commands/config'),
  debug: () => import('./commands/debug'),
  doctor: () => import('./commands/doctor'),
  explain: () => import('./commands/explain'),
  image: () => import('./commands/image'),
  'image build': () => import('./commands/image/build'),
  init: () => import('./commands/init'),
  ip: () => import('./commands/ip'),
  key: () => import('./commands/key'),
  'key generate': () => import('./commands/key/generate'),
  'key insecure': () => import('./commands/key/insecure'),
  'key install': () => import('./commands/key/install'),
  'key list': () => import('./commands/key/list'),
  'key revoke': () => import('./commands/key/revoke'),
  'key rotate': () => import('./commands/key/rotate'),
  'key snippet': () => import('./commands/key/snippet'),
  ls: () => import('./commands/ls'),
  plugin: () => import('./commands/plugin'),
  'plugin install': () => import('./commands/plugin/install'),
  'plugin remove': () => import('./commands/plugin/remove'),
  run: () => import('./commands/run'),
  sshd: () => import('./commands/sshd'),
  'toolbox build': () => import('./commands/toolbox-build'),
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
    takesMany: command.takesMany,
    targetFlags: command.targetFlags,
  }
}
