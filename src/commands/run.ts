import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { engineFlags, jsonFlag, requestFlags } from '../cli/flags'
import { runFleet } from '../cli/fleet'
import { unseal } from '../lib/argv'

const { via: _, ...inside } = requestFlags

export default class Run extends Command {
  static override summary = 'the same command in many containers at once'
  static override usage = ['run [FLAGS] SELECTOR… -- COMMAND [ARG…]', 'run [FLAGS] SELECTOR… -c TEXT [-- ARG…]']
  static override examples = [
    "docker-bash run 'web-*' db -- uptime",
    "docker-bash run label:tier=front -c 'df -h / | tail -n 1'",
    'docker-bash run --all --timeout 30s --json -- cat /etc/os-release',
    'docker-bash run service:web --group --parallel 2 -- nginx -t',
    'docker-bash run --stdin each image:shop -- sha256sum < release.tar',
  ]
  static override description =
    'SELECTOR is a name, a pattern of names (web-*, web-[12]), a compose service, an ID; or service: label:k=v image:\n' +
    'name: id:. Each container is taken once. One that is named has to run; of those that a pattern, service, label or\n' +
    'image fits, the running ones are taken. A selector that nothing running fits is an error, and nothing is begun.\n' +
    'The exit code is 0 if every command ended with 0, else that of the first container, in the order of the\n' +
    'selectors and by name within one, whose command did not: 124 when the time was up, 255 when the connection was\n' +
    'lost, 126 and 127 as always. ctrl-c reaches every command; those that are there two seconds later are ended, as\n' +
    'they are at once by a second ctrl-c, and the exit code is 130.'
  static override takesMany = true
  static override args = {
    words: Args.string({ hidden: true, required: true, ignoreStdin: true }),
    selectors: Args.string({ hidden: true, required: true, ignoreStdin: true }),
  }
  static override flags = {
    all: Flags.boolean({ description: 'every running container' }),
    ...inside,
    via: Flags.option({ options: ['auto', 'runc', 'exec'] as const, default: 'auto' as const })({
      description: 'the way in',
    }),
    parallel: Flags.integer({ helpValue: 'N', default: 16, min: 1, max: 1000, description: 'at most N at once' }),
    timeout: Flags.string({ helpValue: '30s', description: 'end all that runs after this time, and begin no more' }),
    stdin: Flags.option({ options: ['none', 'each'] as const, default: 'none' as const })({
      description: 'each: every command reads all of our input',
    }),
    group: Flags.boolean({
      description: "each container's output in one piece, when it has ended",
      exclusive: ['json'],
    }),
    ...jsonFlag,
    ...engineFlags,
    verbose: Flags.boolean({ char: 'v', description: 'say which way was taken into each' }),
  }

  /** @returns the exit code */
  async run(): Promise<number> {
    const { args, flags } = await this.parse(Run)
    return runFleet(unseal(args.selectors), unseal(args.words), flags)
  }
}
