import { join } from 'node:path'
import { type Command, Config } from '@oclif/core'
import Enter from './commands/enter'
import Explain from './commands/explain'
import Ip from './commands/ip'
import Ls from './commands/ls'
import { rootHelp } from './help'
import { type CommandShapes, shield } from './lib/argv'
import { print } from './print'
import { report } from './report'

export { reachEngine } from './engine'
export { Help } from './help'

/** By command ID, as oclif wants them. */
export const COMMANDS: Record<string, Command.Class> = { enter: Enter, explain: Explain, ip: Ip, ls: Ls }

/** Runs one command line. Sets the exit code instead of exiting: what is still being written must get out. */
export async function main(argv: readonly string[]): Promise<void> {
  // Until the ending is known it is unknown, and that is never 0.
  process.exitCode = 255
  try {
    const [command, ...words] = shield(argv, shapes())
    if (command === undefined || command === '--help' || command === '--version') return await own(command)
    const config = await Config.load({ root: join(__dirname, '..') })
    process.exitCode = undefined
    if (words.includes('--help') && !COMMANDS[command]?.prototype) return await own('--help')
    if (words[0] === '--help') return await help(config, command)
    await config.runCommand(command, words)
    process.exitCode ??= 0
  } catch (error) {
    process.exitCode = report(error)
  } finally {
    process.stdin.destroy()
  }
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
