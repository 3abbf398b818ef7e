import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../cli/base-command'
import { reachEngine } from '../cli/engine'
import { keyFlags, runningTarget } from '../cli/keys/for-each-target'
import { print, printJson } from '../cli/output/print'
import { safe } from '../lib/text/escape-controls'

export default class Sshd extends Command {
  static override summary = 'a container’s SSH server: how it stands, on, off'
  static override usage = 'sshd [FLAGS] TARGET'
  static override examples = ['docker-bash sshd web', 'docker-bash sshd --enable web']
  static override description =
    'On and off are for sshd under runit, as in phusion’s image; elsewhere it is the image’s own business.'
  static override args = { target: Args.string({ required: true, ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    status: Flags.boolean({ description: 'how it stands (the default)', exclusive: ['enable', 'disable'] }),
    enable: Flags.boolean({
      description: 'make its host keys and start it, now and at every start',
      exclusive: ['disable'],
    }),
    disable: Flags.boolean({ description: 'stop it, now and at every start' }),
    ...keyFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Sshd)
    const { describeServer, serverState, switchServer } = await import('../lib/keys/server-state')
    const { engine, target } = await runningTarget(await reachEngine(flags), args.target, { word: args.target })
    if (flags.enable || flags.disable) await switchServer(engine, target, flags.enable)
    const state = await serverState(engine, target)
    if (flags.json) return printJson(state)
    const lines = describeServer(state).map((line) => `${safe(line)}\n`)
    await print(lines.join(''))
  }
}
