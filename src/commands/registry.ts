import type { CommandClass } from '../cli/base-command'
import { type CommandName, isCommandName } from '../cli/command-names'
import Enter from './enter'

type Loader = () => Promise<{ default: CommandClass }>

/**
 * By command name, each loaded when it is meant; `enter` always is, until another is named. scripts/commands.mjs reads
 * these lines, too.
 */
const loaders: Readonly<Record<CommandName, Loader>> = {
  completion: () => import('./completion'),
  'completion install': () => import('./completion/install'),
  'completion remove': () => import('./completion/remove'),
  config: () => import('./config'),
  cp: () => import('./cp'),
  debug: () => import('./debug'),
  doctor: () => import('./doctor'),
  enter: () => Promise.resolve({ default: Enter }),
  explain: () => import('./explain'),
  forward: () => import('./forward'),
  gateway: () => import('./gateway'),
  image: () => import('./image'),
  'image build': () => import('./image/build'),
  init: () => import('./init'),
  ip: () => import('./ip'),
  key: () => import('./key'),
  'key generate': () => import('./key/generate'),
  'key insecure': () => import('./key/insecure'),
  'key install': () => import('./key/install'),
  'key list': () => import('./key/list'),
  'key revoke': () => import('./key/revoke'),
  'key rotate': () => import('./key/rotate'),
  'key snippet': () => import('./key/snippet'),
  ls: () => import('./ls'),
  plugin: () => import('./plugin'),
  'plugin install': () => import('./plugin/install'),
  'plugin remove': () => import('./plugin/remove'),
  proxy: () => import('./proxy'),
  run: () => import('./run'),
  'ssh-config': () => import('./ssh-config'),
  'ssh-config install': () => import('./ssh-config/install'),
  'ssh-config remove': () => import('./ssh-config/remove'),
  sshd: () => import('./sshd'),
  'toolbox build': () => import('./toolbox-build'),
}

export async function loadCommand(id: string): Promise<CommandClass> {
  if (!isCommandName(id)) throw new TypeError(`no command ${id}`)
  return (await loaders[id]()).default
}
