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

/**
 * Runs one command line. Sets the exit code instead of exiting: what is still being written must get out. Until the
 * ending is known the code is 255, never 0.
 */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = 255
  // A bug of ours: said in one line; 'exit' still puts the terminal back.
  process.once('uncaughtException', (error) => process.exit(report(error)))
  try {
    process.exitCode = await run(argv)
  } catch (error) {
    process.exitCode = report(error)
  } finally {
    process.stdin.destroy()
  }
}

/** @returns the exit code: a command's own number, 0 for one that has none and did not throw */
async function run(argv: readonly string[]): Promise<number> {
  const [command, ...words] = shield(argv, shapes())
  if (command === '--version') {
    const { version } = require('../package.json') as { version: string }
    await print(`docker-bash ${version}\n`)
    return 0
  }
  if (command === '--help') {
    await print(rootHelp)
    return 0
  }
  if (command === undefined) {
    process.stderr.write(rootHelp)
    return 125
  }
  const config = await Config.load({ root: join(__dirname, '..') })
  if (words[0] === '--help') {
    const { Help } = await import('./help')
    await new Help(config).showHelp([command])
    return 0
  }
  const code: unknown = await config.runCommand(command, words)
  return typeof code === 'number' ? code : 0
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
