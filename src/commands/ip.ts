import { isatty } from 'node:tty'
import * as Args from '@oclif/core/args'
import { Command } from '../cli/base-command'
import { findTarget } from '../cli/find-target'
import { engineFlags, jsonFlag } from '../cli/flags'
import { print, printJson } from '../cli/output/print'
import { DockerBashError } from '../lib/errors'
import { parseTarget } from '../lib/target/parse'
import { safe } from '../lib/text/escape-controls'

export default class Ip extends Command {
  static override summary = "a container's addresses, one a network"
  static override description = 'At a terminal each line names the network too; in a pipe it is the address alone.'
  static override examples = ['docker-bash ip web', 'curl "http://$(docker-bash ip web)/"', 'docker-bash ip --json web']
  static override args = { target: Args.string({ required: true, ignoreStdin: true, description: 'the container' }) }
  static override flags = { ...jsonFlag, ...engineFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Ip)
    const ref = parseTarget(args.target)
    const { name, state, addresses } = (await findTarget(ref, flags, { word: args.target })).target
    if (flags.json) return printJson(addresses)
    const found = addresses.flatMap(({ network, ipv4, ipv6 }) =>
      [ipv4, ipv6].flatMap((ip) => (ip ? [{ network, ip }] : [])),
    )
    if (found.length === 0) {
      throw new DockerBashError(`${name} has no address of its own`, {
        hint:
          state === 'running'
            ? `its network is ${addresses.map(({ network }) => network).join(', ') || 'none'}: docker-bash explain ${name}`
            : `it does not run: docker start ${name}`,
      })
    }
    const named = isatty(1)
    await print(found.map(({ network, ip }) => `${safe(ip)}${named ? `  ${safe(network)}` : ''}\n`).join(''))
  }
}
