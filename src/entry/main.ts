// Before anything else is loaded.
import './stdio'
import { shapeOf } from '../cli/base-command'
import { commandNames } from '../cli/command-names'
import { rootHelp } from '../cli/help/root'
import { report } from '../cli/output/errors'
import { print } from '../cli/output/print'
import { mayAsk } from '../cli/prompt/interactive'
import { ran } from '../cli/run-profile'
import Enter from '../commands/enter'
import { loadCommand } from '../commands/registry'
import { shield } from '../lib/argv'

export { ran } from '../cli/run-profile'

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
async function run(typed: readonly string[]): Promise<number> {
  const argv = process.env.DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND === undefined ? typed : await asPlugin(typed)
  const [command, ...words] = await shield(argv, commandNames, async (name) => shapeOf(await loadCommand(name)))
  ran.push(command?.startsWith('-') ? 'help' : (command ?? 'help').replace(' ', ':'))
  if (command === '--version') {
    const { version } = require('../../package.json') as { version: string }
    await print(`docker-bash ${version}\n`)
    return 0
  }
  if (command === undefined && mayAsk()) return new Enter(['[]']).run()
  if (command === undefined || command === '--help') {
    await print(rootHelp, command ? 1 : 2)
    return command ? 0 : 125
  }
  // Words of the user's own are sealed in one argument by now.
  if (words.includes('--help') || words.includes('-h')) {
    const { commandHelp } = await import('../cli/help/command-help')
    await commandHelp(command)
    return 0
  }
  const Chosen = await loadCommand(command)
  const code = await new Chosen(words).run()
  return typeof code === 'number' ? code : 0
}

/** Run by Docker's client, as `docker bash`; or by something that it ran. */
async function asPlugin(typed: readonly string[]): Promise<readonly string[]> {
  const { wordsFromDocker } = await import('../cli/docker-plugin/argv')
  const words = wordsFromDocker(typed, process.env)
  if (words !== typed) {
    const { heedDocker } = await import('../cli/docker-plugin/signals')
    // 'exit' puts the terminal back.
    heedDocker(process.env, () => process.exit(255))
  }
  return words
}
