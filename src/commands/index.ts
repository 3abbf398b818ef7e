import type { Command } from '../cli/base-command'
import Completion from './completion'
import CompletionInstall from './completion/install'
import CompletionRemove from './completion/remove'
import Config from './config'
import Debug from './debug'
import Doctor from './doctor'
import Enter from './enter'
import Explain from './explain'
import Image from './image'
import ImageBuild from './image/build'
import Init from './init'
import Ip from './ip'
import Key from './key'
import KeyGenerate from './key/generate'
import KeyInsecure from './key/insecure'
import KeyInstall from './key/install'
import KeyList from './key/list'
import KeyRevoke from './key/revoke'
import KeyRotate from './key/rotate'
import KeySnippet from './key/snippet'
import Ls from './ls'
import Plugin from './plugin'
import PluginInstall from './plugin/install'
import PluginRemove from './plugin/remove'
import Run from './run'
import Sshd from './sshd'
import ToolboxBuild from './toolbox-build'

/** Every command by oclif's ID, for its help and manifest. What runs loads only the one that is meant (`load.ts`). */
export const COMMANDS: Record<string, typeof Command> = {
  completion: Completion,
  'completion:install': CompletionInstall,
  'completion:remove': CompletionRemove,
  config: Config,
  debug: Debug,
  doctor: Doctor,
  enter: Enter,
  explain: Explain,
  image: Image,
  'image:build': ImageBuild,
  init: Init,
  ip: Ip,
  key: Key,
  'key:generate': KeyGenerate,
  'key:insecure': KeyInsecure,
  'key:install': KeyInstall,
  'key:list': KeyList,
  'key:revoke': KeyRevoke,
  'key:rotate': KeyRotate,
  'key:snippet': KeySnippet,
  ls: Ls,
  plugin: Plugin,
  'plugin:install': PluginInstall,
  'plugin:remove': PluginRemove,
  run: Run,
  sshd: Sshd,
  'toolbox:build': ToolboxBuild,
}
