import { readFileSync } from 'node:fs'
import * as Args from '@oclif/core/args'
import { Command } from '../../cli/base-command'
import { scriptOf } from '../../cli/completion'
import { print } from '../../cli/output/print'
import { type Shell, shells } from '../../lib/complete/shells'
import { DockerBashError } from '../../lib/errors'

export default class Completion extends Command {
  static override summary = 'commands, flags and live names at the press of a key, in bash, zsh and fish'
  static override usage = 'completion bash|zsh|fish | install | remove'
  static override examples = [
    'docker-bash completion install       for your shell, for good',
    'docker-bash completion install zsh   for another',
    'docker-bash completion remove        as it was',
    '. <(docker-bash completion bash)     in this bash or zsh only',
    'docker-bash completion fish | source in this fish only',
  ]
  static override description =
    'Names come from the engine that the line means: -H, --context and DOCKER_HOST count. Behind TARGET the words are\n' +
    "the container's: there a path completes as on this side, and nothing else does."
  static override args = {
    shell: Args.string({ ignoreStdin: true, options: [...shells], description: 'print the script for it' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(Completion)
    if (args.shell === undefined) {
      throw new DockerBashError('completion needs to know for which shell', {
        hint: 'bash, zsh, fish; or install: docker-bash completion --help',
      })
    }
    await print(readFileSync(scriptOf(args.shell as Shell), 'utf8'))
  }
}
