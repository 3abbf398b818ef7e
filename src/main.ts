import { join } from 'node:path'
import { type Command, Config } from '@oclif/core'
import Enter from './commands/enter'
import Explain from './commands/explain'
import Ip from './commands/ip'
import Key from './commands/key'
import KeyGenerate from './commands/key/generate'
import KeyInsecure from './commands/key/insecure'
import KeyInstall from './commands/key/install'
import KeyList from './commands/key/list'
import KeyRevoke from './commands/key/revoke'
import KeyRotate from './commands/key/rotate'
import KeySnippet from './commands/key/snippet'
import Ls from './commands/ls'
import Sshd from './commands/sshd'
import { rootHelp } from './help'
import { type CommandShapes, shield } from './lib/argv'
import { print } from './print'
import { report } from './report'

export { reachEngine } from './engine'
export { Help } from './help'

/** By command ID, as oclif wants them. */
export const COMMANDS: Record<string, Command.Class> = {
  enter: Enter,
  explain: Explain,
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
  sshd: Sshd,
}

/** Runs one command line. Sets the exit code instead of exiting: what is still being written must get out. */
export async function main(argv: readonly string[]): Promise<void> {
  // Until the ending is known it is unknown, and that is never 0.
  process.exitCode = 255
  try {
    const [command, ...words] = joined(shield(argv, shapes()))
    if (command === undefined || command === '--help' || command === '--version') return await own(command)
    const config = await Config.load({ root: join(__dirname, '..') })
    process.exitCode = undefined
    if (words.includes('--help') && !COMMANDS[command]?.prototype) return await own('--help')
    // Words of the user's own are sealed in one argument by now.
    if (words.includes('--help')) return await help(config, command)
    await config.runCommand(command, words)
    process.exitCode ??= 0
  } catch (error) {
    process.exitCode = report(error)
  } finally {
    process.stdin.destroy()
  }
}

/** A topic and its verb as one ID: `key install` is `key:install`. */
function joined(words: readonly string[]): string[] {
  const [topic, verb, ...rest] = words
  const id = `${topic}:${verb}`
  return Object.hasOwn(COMMANDS, id) ? [id, ...rest] : [...words]
}

async function own(command: string | undefined): Promise<void> {
  if (command === '--version') {
    const { version } = require('../package.json') as { version: string }
    await print(`docker-bash ${version}\n`)
    process.exitCode = 0
    return
  }
  if (command === '--help') {
    await print(rootHelp)
    process.exitCode = 0
    return
  }
  process.stderr.write(rootHelp)
  process.exitCode = 125
}

async function help(config: Config, command: string): Promise<void> {
  const { Help } = await import('./help')
  await new Help(config).showHelp([command])
  process.exitCode = 0
}

/** What the shield has to know of every command, from the flags that oclif will parse. */
function shapes(): CommandShapes {
  return Object.fromEntries(
    Object.entries(COMMANDS).map(([id, command]) => [
      id.replaceAll(':', ' '),
      {
        flags: Object.entries(command.flags ?? {}).map(([name, flag]) => ({
          name,
          value: flag.type === 'option',
          ...(flag.char && { char: flag.char }),
        })),
        takesWords: 'takesWords' in command,
        targetFlags: 'targetFlags' in command ? (command.targetFlags as string[]) : [],
      },
    ]),
  )
}
