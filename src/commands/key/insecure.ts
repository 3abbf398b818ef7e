import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { Command } from '../../cli/base-command'
import { reachEngine } from '../../cli/engine'
import { forceFlag, keyFlags, runningTarget } from '../../cli/keys/for-each-target'
import { say } from '../../cli/output/errors'
import { print, printJson } from '../../cli/output/print'
import { safe } from '../../lib/text/escape-controls'

export default class KeyInsecure extends Command {
  static override summary = 'the image’s key that everybody has: is it let in, let it, or do not'
  static override usage = 'key insecure [FLAGS] TARGET'
  static override examples = ['docker-bash key insecure web', 'docker-bash key insecure --disable web']
  static override args = { target: Args.string({ required: true, ignoreStdin: true, description: 'the container' }) }
  static override flags = {
    enable: Flags.boolean({ description: 'let it log in as root', exclusive: ['disable'] }),
    disable: Flags.boolean({ description: 'take it out again' }),
    ...forceFlag,
    ...keyFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(KeyInsecure)
    const { setInsecure } = await import('../../lib/keys/insecure')
    const { insecureState } = await import('../../lib/ssh/insecure-key')
    const { exposure } = await import('../../lib/ssh/exposure')
    const { engine, target } = await runningTarget(await reachEngine(flags), args.target, { word: args.target })
    if (flags.enable || flags.disable) await setInsecure(engine, target, flags.enable, flags.force)
    const state = await insecureState(engine, target.id)
    const warning = await exposure(engine, target)
    if (warning) say(warning)
    const text = state.enabled
      ? 'lets everybody who has the image log in'
      : state.inImage
        ? 'is not let in'
        : 'is not in this image'
    if (flags.json) return printJson(state)
    await print(`${safe(target.name)}: the insecure key ${text}\n`)
  }
}
