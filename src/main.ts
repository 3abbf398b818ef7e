import { shield } from './lib/argv'
import { ids, loadCommand, shapeOf } from './load'
import { print } from './print'
import { report } from './report'

export { reachEngine } from './engine'

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
  }
}

/** @returns the exit code: a command's own number, 0 for one that has none and did not throw */
async function run(argv: readonly string[]): Promise<number> {
  const [command, ...words] = await shield(argv, ids, shapeOf)
  if (command === '--version') {
    const { version } = require('../package.json') as { version: string }
    await print(`docker-bash ${version}\n`)
    return 0
  }
  if (command === undefined || command === '--help') {
    const { rootHelp } = await import('./help')
    await print(rootHelp, command ? 1 : 2)
    return command ? 0 : 125
  }
  // Words of the user's own are sealed in one argument by now.
  if (words.includes('--help') || words.includes('-h')) {
    const { commandHelp } = await import('./command-help')
    await commandHelp(command)
    return 0
  }
  const Chosen = await loadCommand(command)
  const code = await new Chosen(words).run()
  return typeof code === 'number' ? code : 0
}
