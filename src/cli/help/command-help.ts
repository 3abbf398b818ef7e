import { join } from 'node:path'
import { CommandHelp, Config, Help } from '@oclif/core'

/** Prints `docker-bash COMMAND --help`: oclif's, from the manifest, with the examples first. */
export async function commandHelp(id: string): Promise<void> {
  const config = await Config.load({ root: join(__dirname, '..') })
  await new CommandsHelp(config).showHelp(id.split(' '))
}

class ExamplesFirst extends CommandHelp {
  protected override sections() {
    const sections = super.sections()
    const examples = sections.filter(({ header }) => header === 'EXAMPLES')
    return [...examples, ...sections.filter(({ header }) => header !== 'EXAMPLES')]
  }
}

class CommandsHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst
}
